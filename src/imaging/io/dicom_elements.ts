import { sha256Hex } from "./sha256.ts";

/** A value as it is written: text in the file's own encoding already where it is bytes, items of a sequence as elements. */
export type DicomValue = string | number | readonly number[] | Uint8Array | readonly (readonly DicomElement[])[];

/** An element of a DICOM file: tag, value representation (PS3.5, 6.2), value. */
export type DicomElement = readonly [tag: number, vr: string, value: DicomValue];

/** Uncompressed, with value representations, little-endian. */
export const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";

/** Representations of a value whose length takes four bytes, after two that are empty. */
const LONG: ReadonlySet<string> = new Set(["OB", "OW", "SQ"]);

/** Representations of values that are filled up with a zero byte; all others are text and end in a space. */
const ZERO_PADDED: ReadonlySet<string> = new Set(["UI", "OB", "OW"]);

/** Group 2, which describes the file. */
const META = 0x0002;

const ITEM = 0xfffee000;

/**
 * Bytes of a DICOM file (PS3.10): the preamble, group 2 and everything else in explicit little-endian encoding. Elements are
 * written in ascending order whatever order they come in; the same elements give the same bytes.
 */
export function encodeFile(elements: readonly DicomElement[]): Uint8Array<ArrayBuffer> {
  const isMeta = ([tag]: DicomElement) => tag >>> 16 === META;
  const meta = encodeElements(elements.filter(isMeta));
  const body = encodeElements(elements.filter((element) => !isMeta(element)));
  const start = new Uint8Array(132);
  start.set(new TextEncoder().encode("DICM"), 128);
  return concatenated([start, encodeElements([[0x00020000, "UL", meta.length]]), meta, body]);
}

/** An identifier that follows from a text: a number of 128 bits below the root that is free for such (PS3.5, B.2). */
export function uidOf(text: string): string {
  return `2.25.${BigInt(`0x${sha256Hex(text).slice(0, 32)}`)}`;
}

/** A number as a decimal string, which has at most 16 characters. */
export function decimal(value: number): string {
  for (let digits = 12; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
  throw new RangeError(`Cannot write ${value} in 16 characters`);
}

function encodeElements(elements: readonly DicomElement[]): Uint8Array {
  return concatenated([...elements].sort(([a], [b]) => a - b).map(encodeElement));
}

function encodeElement([tag, vr, value]: DicomElement): Uint8Array {
  const bytes = valueBytes(vr, value);
  const header = new Uint8Array(LONG.has(vr) ? 12 : 8);
  const view = new DataView(header.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  header.set(new TextEncoder().encode(vr), 4);
  if (LONG.has(vr)) view.setUint32(8, bytes.length, true);
  else if (bytes.length < 2 ** 16) view.setUint16(6, bytes.length, true);
  else throw new RangeError(`Cannot write (${tag.toString(16)}): expected at most 65535 bytes, found ${bytes.length}`);
  return concatenated([header, bytes]);
}

/** Values have an even length. */
function valueBytes(vr: string, value: DicomValue): Uint8Array {
  if (vr === "SQ") return concatenated((value as readonly (readonly DicomElement[])[]).map(encodeItem));
  const bytes = typeof value === "string"
    ? new TextEncoder().encode(value)
    : value instanceof Uint8Array
    ? value
    : numberBytes(vr, typeof value === "number" ? [value] : value as readonly number[]);
  if (bytes.length % 2 === 0) return bytes;
  return concatenated([bytes, Uint8Array.of(ZERO_PADDED.has(vr) ? 0 : 0x20)]);
}

function encodeItem(elements: readonly DicomElement[]): Uint8Array {
  const bytes = encodeElements(elements);
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint16(0, ITEM >>> 16, true);
  view.setUint16(2, ITEM & 0xffff, true);
  view.setUint32(4, bytes.length, true);
  return concatenated([header, bytes]);
}

/** Numbers of 16 bits for US, of 32 bits for UL and AT (whose two halves are numbers of 16 bits). */
function numberBytes(vr: string, values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * (vr === "US" ? 2 : 4)));
  for (const [i, value] of values.entries()) {
    if (vr === "US") view.setUint16(2 * i, value, true);
    else if (vr === "UL") view.setUint32(4 * i, value, true);
    else {
      view.setUint16(4 * i, value >>> 16, true);
      view.setUint16(4 * i + 2, value & 0xffff, true);
    }
  }
  return new Uint8Array(view.buffer);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    result.set(part, position);
    position += part.length;
  }
  return result;
}
