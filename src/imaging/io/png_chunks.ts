import { Unzlib } from "fflate";

/** What decides how long the rows of a picture are. */
export interface PngSizes {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Bits of a value. */
  depth: number;
  /** Values of a pixel. */
  channels: number;
}

/** What is wrong with the chunks of a PNG, for `throw`. */
export class PngFault extends Error {}

/** Chunks without which there is no picture; all others say something about it, and are not looked into. */
const CRITICAL: ReadonlySet<string> = new Set(["IHDR", "PLTE", "IDAT", "IEND"]);

/** Where the bytes of a chunk lie. */
interface Chunk {
  type: string;
  /** First byte of its length. */
  start: number;
  /** First byte of its data. */
  data: number;
  /** First byte after its checksum. */
  end: number;
}

const SIGNATURE_BYTES = 8;

/** Compressed bytes that are unpacked at once: at most 1032 times as many come out before their number is looked at. */
const PIECE = 4096;

/**
 * The chunks of a PNG that make its picture, after a look at whether they do: one header, and rows of exactly the length that it
 * promises, which are counted as they are unpacked, so that no file takes more memory than its picture.
 *
 * @returns the file without its other chunks, for the decoder
 * @throws {PngFault} that says what is wrong
 */
export function pictureOf(bytes: Uint8Array, sizes: PngSizes): Uint8Array {
  const chunks = chunksOf(bytes).filter(({ type }) => CRITICAL.has(type));
  const count = (wanted: string) => chunks.filter(({ type }) => type === wanted).length;
  if (count("IHDR") !== 1 || count("IEND") !== 1 || count("PLTE") > 1) throw new PngFault("it has two headers");
  const isInterlaced = bytes[chunks[0].data + 12] === 1;
  checkRows(bytes, chunks, isInterlaced ? interlacedLength(sizes) : rowsLength(sizes));
  const result = new Uint8Array(SIGNATURE_BYTES + chunks.reduce((sum, { start, end }) => sum + end - start, 0));
  result.set(bytes.subarray(0, SIGNATURE_BYTES));
  let at = SIGNATURE_BYTES;
  for (const { start, end } of chunks) {
    result.set(bytes.subarray(start, end), at);
    at += end - start;
  }
  return result;
}

/** All chunks up to the last one, the header first. */
function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let start = SIGNATURE_BYTES; chunks.at(-1)?.type !== "IEND";) {
    if (start + 12 > bytes.length) throw new PngFault("the file is cut off");
    const data = start + 8, end = data + view.getUint32(start) + 4;
    if (end > bytes.length) throw new PngFault("the file is cut off");
    const type = String.fromCharCode(...bytes.subarray(start + 4, data));
    if (chunks.length === 0 && (type !== "IHDR" || end - data !== 17)) {
      throw new PngFault("it does not begin with a header");
    }
    chunks.push({ type, start, data, end });
    start = end;
  }
  return chunks;
}

/** Unpacks the rows and throws them away. */
function checkRows(bytes: Uint8Array, chunks: readonly Chunk[], expected: number): void {
  let length = 0, isWhole = false;
  const stream = new Unzlib((part, isLast) => {
    length += part.length;
    isWhole = isLast;
    if (length > expected) {
      throw new PngFault(`its rows are longer than the ${expected} bytes that its header promises`);
    }
  });
  const packed = chunks.filter(({ type }) => type === "IDAT").map(({ data, end }) => bytes.subarray(data, end - 4));
  try {
    for (const one of packed) {
      for (let at = 0; at < one.length; at += PIECE) stream.push(one.subarray(at, at + PIECE), false);
    }
    stream.push(new Uint8Array(0), true);
  } catch (error) {
    if (error instanceof PngFault) throw error;
    throw new PngFault(`its rows cannot be unpacked: ${(error as Error).message}`);
  }
  if (!isWhole || length !== expected) {
    throw new PngFault(`its rows have ${length} bytes, its header promises ${expected}`);
  }
}

/** Bytes of rows, each after a byte that names its filter. */
function rowsLength({ width, height, depth, channels }: PngSizes): number {
  return width === 0 ? 0 : height * (1 + Math.ceil(width * depth * channels / 8));
}

/** First column and row of each of Adam7's passes, and the steps between them (PNG, 8.2). */
const PASSES = [
  ...[[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]],
] as const;

function interlacedLength(sizes: PngSizes): number {
  return PASSES.reduce((sum, [column, row, acrossStep, downStep]) => {
    const width = Math.ceil(Math.max(0, sizes.width - column) / acrossStep);
    const height = Math.ceil(Math.max(0, sizes.height - row) / downStep);
    return sum + rowsLength({ ...sizes, width, height });
  }, 0);
}
