import { UserError } from "../errors.ts";

/** A NumPy array. */
export interface NpyArray {
  /** Sizes, outermost first. */
  shape: number[];
  /** Elements as float64, row-major. */
  data: Float64Array<ArrayBuffer>;
}

/**
 * Reads a `.npy` file of format 1.0, little-endian, C order.
 *
 * @throws {UserError} if it is another
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  const headerLength = view.getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, 10 + headerLength));
  const match = /'descr': '([<|])([fiub])(\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\)/.exec(header);
  if (!match) {
    throw new UserError("data", `Cannot read "${path}": expected little-endian numbers in C order, found ${header}`);
  }
  const [, , kind, width, sizes] = match;
  const shape = sizes.split(",").filter((size) => size.trim()).map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const body = bytes.slice(10 + headerLength).buffer;
  const types: Record<string, (buffer: ArrayBuffer) => ArrayLike<number>> = {
    f4: (b) => new Float32Array(b, 0, count),
    f8: (b) => new Float64Array(b, 0, count),
    i4: (b) => new Int32Array(b, 0, count),
    i2: (b) => new Int16Array(b, 0, count),
    u1: (b) => new Uint8Array(b, 0, count),
    b1: (b) => new Uint8Array(b, 0, count),
    i8: (b) => Array.from(new BigInt64Array(b, 0, count), Number),
  };
  return { shape, data: Float64Array.from(types[`${kind}${width}`](body)) };
}
