import { readFile } from "node:fs/promises";
import { decode, encode } from "fast-png";
import { UserError } from "../../errors.ts";

/** A grey picture. */
export interface GreyImage {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Grey levels 0 to 255, row by row from the top. */
  data: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Colour types of the PNG standard other than grey. */
const OTHER_COLOURS: Readonly<Record<number, string>> = {
  2: "colours",
  3: "a palette of colours",
  4: "grey levels with transparency",
  6: "colours with transparency",
};

/**
 * What the first bytes of a PNG say of its size.
 *
 * @param name for messages
 * @throws {UserError} if it is no PNG, or one of colours or of 16 bits
 */
export function pngSize(bytes: Uint8Array, name: string): { width: number; height: number } {
  if (bytes.length < 29 || SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    refuse(name, `${bytes.length} bytes of something else`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const depth = view.getUint8(24), colour = view.getUint8(25);
  if (colour !== 0) refuse(name, OTHER_COLOURS[colour] ?? `unknown colour type ${colour}`);
  if (depth > 8) refuse(name, `${depth} bits`);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/**
 * Reads a grey PNG of 1, 2, 4 or 8 bits; fewer than 8 are stretched to 0…255, as the standard says.
 *
 * @throws {UserError} if it is missing, damaged, no PNG, or one of colours or of 16 bits
 */
export async function readGreyPng(path: string): Promise<GreyImage> {
  const bytes = await readFile(path).catch(() => refuse(path, "no such file"));
  const { width, height } = pngSize(bytes, path);
  const { data, depth } = decodeChecked(bytes, path);
  if (depth === 8) return { width, height, data: Uint8Array.from(data) };
  // packed, every row from a byte of its own
  const stride = Math.ceil(width * depth / 8), largest = 2 ** depth - 1;
  const unpacked = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      const value = data[row * stride + (bit >> 3)] >> 8 - depth - bit % 8 & largest;
      unpacked[row * width + column] = value * 255 / largest;
    }
  }
  return { width, height, data: unpacked };
}

function decodeChecked(bytes: Uint8Array, path: string): ReturnType<typeof decode> {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (error) {
    return refuse(path, `a damaged one (${(error as Error).message})`);
  }
}

function refuse(name: string, found: string): never {
  throw new UserError("data", `Cannot read "${name}": expected a grey PNG of 8 bits, found ${found}`);
}

/** Writes a grey PNG of 8 bits. The same image gives the same bytes. */
export async function writeGreyPng(path: string, image: GreyImage): Promise<void> {
  await Deno.writeFile(path, encode({ ...image, channels: 1, depth: 8 }));
}
