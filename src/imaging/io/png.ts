import { decode, encode } from "fast-png";
import { UserError } from "../../errors.ts";
import { fileKind } from "./file_kind.ts";
import { pictureOf } from "./png_chunks.ts";

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
  const { width, height, depth, colour } = pngHeader(bytes, name);
  if (colour !== 0) refusePng(name, OTHER_COLOURS[colour] ?? `unknown colour type ${colour}`);
  if (depth > 8) refusePng(name, `${depth} bits`);
  return { width, height };
}

/** Most pixels of a picture: what is larger is damaged, and would take gigabytes to find out. */
const MOST_PIXELS = 2 ** 28;

/** More than the most that deflate can shrink something. */
const DEFLATE_LIMIT = 1040;

/** Values of a pixel by colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bits of a value that the standard allows, by colour type. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/**
 * What the first bytes of any PNG say of it.
 *
 * @param name for messages
 * @throws {UserError} if it is no PNG, or of a size that no picture has
 */
export function pngHeader(
  bytes: Uint8Array,
  name: string,
): { width: number; height: number; depth: number; colour: number } {
  if (bytes.length < 29 || SIGNATURE.some((byte, i) => bytes[i] !== byte)) refusePng(name, fileKind(bytes));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const width = view.getUint32(16), height = view.getUint32(20);
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) {
    refusePng(name, `one of ${width} × ${height} pixels`);
  }
  const depth = view.getUint8(24), colour = view.getUint8(25);
  if (!DEPTHS[colour]?.includes(depth)) refusePng(name, `one of ${depth} bits and colour type ${colour}`);
  return { width, height, depth, colour };
}

/** Refuses a file that is too short for the pixels that its header promises, before room is made for them. */
function checkLength(
  bytes: Uint8Array,
  { width, height, depth, colour }: ReturnType<typeof pngHeader>,
  name: string,
): void {
  const needed = height * (1 + Math.ceil(width * depth * CHANNELS[colour] / 8)); // every row has its filter before it
  if (needed <= bytes.length * DEFLATE_LIMIT) return;
  refusePng(name, `one of ${width} × ${height} pixels in ${bytes.length} bytes: the file is damaged`);
}

/**
 * Decodes a grey PNG of 1, 2, 4 or 8 bits; fewer than 8 are stretched to 0…255, as the standard says.
 *
 * @param name for messages
 * @throws {UserError} if it is damaged, no PNG, or one of colours or of 16 bits
 */
export function decodeGreyPng(bytes: Uint8Array, name: string): GreyImage {
  const { width, height } = pngSize(bytes, name);
  const { data, depth } = decodeChecked(bytes, name);
  if (depth === 8) return { width, height, data: Uint8Array.from(data) };
  const unpacked = new Uint8Array(width * height);
  unpack(data, { width, height, depth }, unpacked);
  const largest = 2 ** depth - 1;
  for (let i = 0; i < unpacked.length; i++) unpacked[i] = unpacked[i] * 255 / largest;
  return { width, height, data: unpacked };
}

/** Pixels of a picture as they are stored. */
export interface GreyPixels {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Grey levels, or of labels the values that are stored, row by row from the top. */
  data: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
}

/** How a picture is decoded of which it is not known what it holds. */
export interface PngOptions {
  /** What it is called in messages. */
  name: string;
  /** Whether it is a label map. */
  labels: boolean;
  /** Told of colours and transparency that were passed over. */
  warn: (message: string) => void;
}

/**
 * Decodes a grey PNG of 1 to 16 bits as it is stored: nothing is stretched. Colours whose three values are equal are grey; of
 * labels a palette's numbers are the values.
 *
 * @throws {UserError} if it is damaged, no PNG, or one of colours
 */
export function decodePngPixels(bytes: Uint8Array, { name: path, labels, warn }: PngOptions): GreyPixels {
  const { width, height, depth: bits } = pngHeader(bytes, path);
  const { data, channels, palette } = decodeChecked(bytes, path);
  const wide = bits === 16 ? Uint16Array : Uint8Array;
  const pixels = new wide(width * height);
  if (palette && !labels) {
    return refuseColours(path, "a palette of colours. Save it as grey levels of 8 or 16 bits");
  }
  if (bits < 8) {
    unpack(data, { width, height, depth: bits }, pixels);
    return { width, height, data: pixels };
  }
  const colours = channels >= 3 && !palette ? 3 : 1;
  for (let i = 0; i < pixels.length; i++) {
    const value = data[i * channels];
    if (colours === 3 && (data[i * channels + 1] !== value || data[i * channels + 2] !== value)) {
      const where = `row ${Math.floor(i / width)}, column ${i % width}`;
      refuseColours(path, `colours in ${where}. Save it as grey levels of 8 or 16 bits`);
    }
    pixels[i] = value;
  }
  if (palette) warn(`"${path}" has a palette: its numbers are taken for label values`);
  else if (colours === 3) warn(`"${path}" is stored in colours that are all grey: taken for grey levels`);
  if (channels === 2 || channels === 4) warn(`"${path}" has transparency, which is passed over`);
  return { width, height, data: pixels };
}

/** Pixels of fewer than 8 bits, packed, every row from a byte of its own. */
function unpack(
  packed: ArrayLike<number>,
  { width, height, depth }: { width: number; height: number; depth: number },
  into: Uint8Array | Uint16Array,
): void {
  const stride = Math.ceil(width * depth / 8), largest = 2 ** depth - 1;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      into[row * width + column] = packed[row * stride + (bit >> 3)] >> 8 - depth - bit % 8 & largest;
    }
  }
}

function refuseColours(name: string, found: string): never {
  throw new UserError("data", `Cannot read "${name}": expected a grey PNG, found ${found}`);
}

/** Decodes a picture whose chunks were found to be whole: rows that are missing would stay 0 without a word. */
function decodeChecked(bytes: Uint8Array, path: string): ReturnType<typeof decode> {
  const header = pngHeader(bytes, path);
  checkLength(bytes, header, path);
  const isInterlaced = bytes[28] !== 0;
  if (isInterlaced && header.depth < 8) { // the library takes such a row for bytes
    refusePng(path, `one of ${header.depth} bits that is interlaced. Save it without interlacing`);
  }
  try {
    return decode(pictureOf(bytes, { ...header, channels: CHANNELS[header.colour] }), { checkCrc: true });
  } catch (error) {
    return refusePng(path, `a damaged one (${(error as Error).message})`);
  }
}

/** Says that a picture cannot be read. */
export function refusePng(name: string, found: string): never {
  throw new UserError("data", `Cannot read "${name}": expected a grey PNG of 8 bits, found ${found}`);
}

/** Bytes of a grey PNG of 8 bits. The same image gives the same bytes. */
export function encodeGreyPng(image: GreyImage): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode({ ...image, channels: 1, depth: 8 }));
}

/** Bytes of a grey PNG of 8 or 16 bits, as its pixels are stored. The same image gives the same bytes. */
export function encodePngPixels({ width, height, data }: GreyPixels): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode({ width, height, data, channels: 1, depth: data instanceof Uint16Array ? 16 : 8 }));
}

/** A picture in colours. */
export interface ColourImage {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Red, green and blue, 0 to 255, row by row from the top. */
  data: Uint8Array;
}

/** Bytes of a PNG in colours. The same image gives the same bytes. */
export function encodeColourPng(image: ColourImage): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode({ ...image, channels: 3, depth: 8 }));
}
