import { createHash } from "node:crypto";
import type { Triple } from "../volume.ts";

/** One grey slice and what its header says. */
export interface DicomContent {
  /** Pixels of 12 bits, row by row. */
  pixels: Uint16Array;
  /** Pixels in a column. */
  rows: number;
  /** Pixels in a row. */
  columns: number;
  /** Centre of the first pixel in mm: left, posterior, superior. */
  position: Triple;
  /** Direction in which the columns are counted. */
  rowCosine: Triple;
  /** Direction in which the rows are counted. */
  columnCosine: Triple;
  /** Distance of rows and of columns in mm. */
  pixelSpacing: readonly [rows: number, columns: number];
  /** Distance of slices, and thickness of one, in mm. */
  slice: { spacing: number; thickness: number };
  /** Number of the slice in its series, from 1. */
  instance: number;
  /** Name of the patient. */
  patient: string;
  /** Name of the series. */
  description: string;
  /** Slices of one series have the same text here, those of another one another. */
  seriesKey: string;
}

const MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4";
const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";

/** Representations of a value whose length takes four bytes, after two that are empty. */
const LONG = new Set(["OB", "OW"]);

type Element = readonly [tag: number, vr: string, value: string | number | Uint8Array];

/**
 * Bytes of an uncompressed MR image in explicit little-endian DICOM (PS3.5, PS3.10). The same content gives the same bytes.
 */
export function encodeDicom(content: DicomContent): Uint8Array<ArrayBuffer> {
  const { pixels, rows, columns, position, rowCosine, columnCosine, pixelSpacing, slice, instance } = content;
  const instanceUid = uid(`${content.seriesKey} instance ${instance}`);
  const meta = joined([
    [0x00020001, "OB", Uint8Array.of(0, 1)],
    [0x00020002, "UI", MR_IMAGE_STORAGE],
    [0x00020003, "UI", instanceUid],
    [0x00020010, "UI", EXPLICIT_LITTLE_ENDIAN],
    [0x00020012, "UI", uid("implementation")],
  ]);
  const body = joined([
    [0x00080005, "CS", "ISO_IR 192"],
    [0x00080008, "CS", "ORIGINAL\\PRIMARY"],
    [0x00080016, "UI", MR_IMAGE_STORAGE],
    [0x00080018, "UI", instanceUid],
    [0x00080020, "DA", "20200101"],
    [0x00080030, "TM", "120000"],
    [0x00080060, "CS", "MR"],
    [0x00080070, "LO", "Synthetic"],
    [0x0008103e, "LO", content.description],
    [0x00100010, "PN", content.patient],
    [0x00100020, "LO", content.patient],
    [0x00180020, "CS", "SE"],
    [0x00180021, "CS", "SK"],
    [0x00180023, "CS", "2D"],
    [0x00180050, "DS", decimal(slice.thickness)],
    [0x00180080, "DS", "1500"],
    [0x00180081, "DS", "70"],
    [0x00180088, "DS", decimal(slice.spacing)],
    [0x00185100, "CS", "HFS"],
    [0x0020000d, "UI", uid(`${content.seriesKey} study`)],
    [0x0020000e, "UI", uid(`${content.seriesKey} series`)],
    [0x00200010, "SH", "1"],
    [0x00200011, "IS", "2"],
    [0x00200012, "IS", "1"],
    [0x00200013, "IS", String(instance)],
    [0x00200032, "DS", position.map(decimal).join("\\")],
    [0x00200037, "DS", [...rowCosine, ...columnCosine].map(decimal).join("\\")],
    [0x00200052, "UI", uid(`${content.seriesKey} frame of reference`)],
    [0x00280002, "US", 1],
    [0x00280004, "CS", "MONOCHROME2"],
    [0x00280010, "US", rows],
    [0x00280011, "US", columns],
    [0x00280030, "DS", pixelSpacing.map(decimal).join("\\")],
    [0x00280100, "US", 16],
    [0x00280101, "US", 12],
    [0x00280102, "US", 11],
    [0x00280103, "US", 0],
    [0x7fe00010, "OW", littleEndian(pixels)],
  ]);
  const start = new Uint8Array(132);
  start.set(new TextEncoder().encode("DICM"), 128);
  return concatenated([start, encodeElement([0x00020000, "UL", meta.length]), meta, body]);
}

/** An identifier that follows from a text: a number of 128 bits below the root that is free for such (PS3.5, B.2). */
function uid(text: string): string {
  return `2.25.${BigInt(`0x${createHash("sha256").update(text).digest("hex").slice(0, 32)}`)}`;
}

/** A decimal string has at most 16 characters. */
function decimal(value: number): string {
  for (let digits = 12; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return text;
  }
  throw new RangeError(`Cannot write ${value} in 16 characters`);
}

function joined(elements: readonly Element[]): Uint8Array {
  return concatenated(elements.map(encodeElement));
}

function encodeElement([tag, vr, value]: Element): Uint8Array {
  const bytes = valueBytes(vr, value);
  const header = new Uint8Array(LONG.has(vr) ? 12 : 8);
  const view = new DataView(header.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  header.set(new TextEncoder().encode(vr), 4);
  if (LONG.has(vr)) view.setUint32(8, bytes.length, true);
  else view.setUint16(6, bytes.length, true);
  return concatenated([header, bytes]);
}

/** Values have an even length: identifiers end in a zero byte, other texts in a space. */
function valueBytes(vr: string, value: string | number | Uint8Array): Uint8Array {
  if (typeof value === "number") {
    const bytes = new Uint8Array(vr === "US" ? 2 : 4);
    const view = new DataView(bytes.buffer);
    if (vr === "US") view.setUint16(0, value, true);
    else view.setUint32(0, value, true);
    return bytes;
  }
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  if (bytes.length % 2 === 0) return bytes;
  return concatenated([bytes, Uint8Array.of(vr === "UI" || typeof value !== "string" ? 0 : 0x20)]);
}

function littleEndian(pixels: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * pixels.length);
  const view = new DataView(bytes.buffer);
  pixels.forEach((value, i) => view.setUint16(2 * i, value, true));
  return bytes;
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
