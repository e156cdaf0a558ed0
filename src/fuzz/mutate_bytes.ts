import type { Random } from "../random.ts";

/** Whole numbers at which readers go wrong: limits of their types, and what is close to them. */
const NUMBERS = [
  ...[0, 1, 2, 3, 7, 8, 15, 16, 127, 128, 255, 256, 348, 352, 540, 1000, 4096, 32767, 32768, 65535, 65536, 2 ** 24],
  ...[2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, -1, -2, -128, -32768],
];

/** Real numbers at which readers go wrong. */
const REALS = [
  ...[0, -0, 1, -1, NaN, Infinity, -Infinity, 1e-45, 1e-38, 1e-20, 1e-3, 0.5, 1e3, 1e9, 1e20, 3.4e38, 1.7e308, -1e9],
];

/** A whole number, often one at a limit. */
export function anyInteger(random: Random): number {
  return random.chance(0.8) ? random.pick(NUMBERS) : random.uint32();
}

/** A real number, often one at a limit. */
export function anyReal(random: Random): number {
  if (random.chance(0.8)) return random.pick(REALS);
  return random.normal() * 10 ** (random.integer(20) - 10);
}

/** A field of a binary format. */
export interface Field {
  /** Its first byte. */
  at: number;
  /** How it is stored. */
  type: "u8" | "i16" | "i32" | "i64" | "f32" | "f64";
}

/** Bytes of a field. */
const WIDTHS = { u8: 1, i16: 2, i32: 4, i64: 8, f32: 4, f64: 8 } as const;

/** Fields in a row. */
export function fields(at: number, type: Field["type"], count = 1): Field[] {
  return Array.from({ length: count }, (_, i) => ({ at: at + i * WIDTHS[type], type }));
}

/** Writes a number at a limit into a field, in either byte order; beyond the end nothing happens. */
export function spoilField(bytes: Uint8Array, { at, type }: Field, random: Random): void {
  if (at + WIDTHS[type] > bytes.length) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const isLittle = random.chance(0.9);
  switch (type) {
    case "u8":
      return view.setUint8(at, anyInteger(random));
    case "i16":
      return view.setInt16(at, anyInteger(random), isLittle);
    case "i32":
      return view.setInt32(at, anyInteger(random), isLittle);
    case "i64":
      return view.setBigInt64(at, BigInt(anyInteger(random)), isLittle);
    case "f32":
      return view.setFloat32(at, anyReal(random), isLittle);
    case "f64":
      return view.setFloat64(at, anyReal(random), isLittle);
  }
}

const TYPES = ["u8", "i16", "i32", "i64", "f32", "f64"] as const;

/** Between `at` and the end, more often close to `at`: what decides stands at the beginning of most files. */
function somewhere(length: number, random: Random): number {
  if (length <= 1) return 0;
  const reach = random.chance(0.5) ? Math.min(length, 64) : random.chance(0.5) ? Math.min(length, 1024) : length;
  return random.integer(reach);
}

/** One change that asks nothing of the format: a bit, a number, a piece left out, doubled, moved, filled, cut off. */
export function spoilBytes(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = somewhere(bytes.length, random);
  const length = Math.min(bytes.length - at, 1 + random.integer(random.chance(0.7) ? 8 : 512));
  const result = bytes.slice();
  switch (random.integer(9)) {
    case 0: // a bit
      if (bytes.length > 0) result[at] ^= 1 << random.integer(8);
      return result;
    case 1: // a number
    case 2:
      spoilField(result, { at, type: random.pick(TYPES) }, random);
      return result;
    case 3: // cut off
      return bytes.slice(0, random.chance(0.5) ? at : random.integer(bytes.length + 1));
    case 4: // something after the end
      return joined([bytes, noise(1 + random.integer(64), random)]);
    case 5: // a piece left out
      return joined([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 6: // a piece twice
      return joined([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 7: { // a piece over another
      const to = somewhere(bytes.length, random);
      result.copyWithin(to, at, at + length);
      return result;
    }
    default: // a piece of one value
      return result.fill(random.pick([0, 0xff, 0x20, 0x41]), at, at + length);
  }
}

/** Up to four changes one after the other, mostly one. */
export function spoiledBytes(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  let result = bytes;
  do result = spoilBytes(result, random); while (random.chance(0.3));
  return result;
}

/** Random bytes. */
export function noise(length: number, random: Random): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random.integer(256));
}

/** Pieces behind one another. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
