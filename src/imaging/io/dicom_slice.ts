import dicomParser, { type DataSet } from "dicom-parser";
import { UserError } from "../../errors.ts";
import type { Triple } from "../volume.ts";
import { fileKind } from "./file_kind.ts";
import { cutOffSign } from "./dicom_compressed.ts";
import { transferSyntax } from "./dicom_syntaxes.ts";

/** What the header of one slice says. */
export interface DicomSlice {
  /** Its file. */
  path: string;
  /** UID of its series, empty if it has none. */
  series: string;
  /** Its number in the series, if it has one. */
  instance: number | undefined;
  /** Pixels along y. */
  rows: number;
  /** Pixels along x. */
  columns: number;
  /** Centre of the first pixel in mm, in DICOM's coordinates: left, posterior, superior. */
  position: Triple;
  /** Direction in which the columns are counted, a unit vector. */
  rowCosine: Triple;
  /** Direction in which the rows are counted, a unit vector. */
  columnCosine: Triple;
  /** Distance of rows and of columns in mm. */
  pixelSpacing: [rows: number, columns: number];
  /** Distance of slices, or else thickness of one, in mm, where the header says. */
  thickness: number | undefined;
  /** Bits that a pixel takes, and whether it has a sign. */
  pixels: string;
}

/** The tags that are read, as `dicom-parser` writes them (DICOM PS3.6). */
const TAGS = {
  transferSyntax: "x00020010",
  sopClass: "x00080016",
  modality: "x00080060",
  thickness: "x00180050",
  sliceSpacing: "x00180088",
  series: "x0020000e",
  instance: "x00200013",
  position: "x00200032",
  orientation: "x00200037",
  samples: "x00280002",
  frames: "x00280008",
  rows: "x00280010",
  columns: "x00280011",
  spacing: "x00280030",
  bits: "x00280100",
  sign: "x00280103",
  pixels: "x7fe00010",
};

/**
 * Reads the header of a DICOM file that holds one grey slice, and checks that its pixels are all there.
 *
 * @param bytes the whole file
 * @param path for messages
 * @throws {UserError} if it is no DICOM file, no image, cut off, in a transfer syntax that cannot be decoded, or without a place
 */
export function readDicomSlice(bytes: Uint8Array, path: string): DicomSlice {
  const refuse = (expected: string, found: string): never => {
    throw new UserError("data", `Cannot read "${path}": expected ${expected}, found ${found}`);
  };
  try {
    return sliceOf(bytes, path, refuse);
  } catch (error) {
    if (error instanceof UserError) throw error;
    // the parser reads values where their elements claim to lie, and knows but its own words where nothing is there
    return refuse("a whole DICOM file", `one whose elements cannot be read (${wordsOf(error)})`);
  }
}

/** What the parser throws is now a text, now an error. */
function wordsOf(error: unknown): string {
  if (error instanceof TypeError) return "one has no value";
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}

function sliceOf(bytes: Uint8Array, path: string, refuse: Refuse): DicomSlice {
  const syntax = checkSyntax(bytes, refuse);
  const data = parse(bytes, refuse);
  const rows = data.uint16(TAGS.rows), columns = data.uint16(TAGS.columns);
  if (!rows || !columns || !data.elements[TAGS.pixels]) {
    const said = (tag: string) => data.string(tag)?.slice(0, MOST_SHOWN) || "none";
    refuse("an image", `an object without pixels (modality ${said(TAGS.modality)}, SOP class ${said(TAGS.sopClass)})`);
  }
  const frames = data.intString(TAGS.frames) ?? 1, samples = data.uint16(TAGS.samples) ?? 1;
  if (frames !== 1) refuse("one slice a file", `${frames} frames`);
  if (samples !== 1) refuse("grey pixels", `${samples} values a pixel`);
  const bits = data.uint16(TAGS.bits) ?? 0;
  if (!BITS.includes(bits)) refuse(`${BITS.join(", ")} bits allocated for a pixel (0028,0100)`, `${bits}`);
  checkPixels(data, { bytes, syntax, pixels: rows! * columns!, bits }, refuse);
  const numbers = (tag: string, count: number, what: string): number[] => {
    const isThere = (data.numStringValues(tag) ?? 0) >= count; // the parser fails on values that are not there
    const found = Array.from({ length: isThere ? count : 0 }, (_, i) => data.floatString(tag, i));
    if (!isThere || !found.every((value) => Number.isFinite(value))) {
      refuse(`${what} of ${count} numbers`, data.string(tag)?.slice(0, MOST_SHOWN) || "none");
    }
    return found as number[];
  };
  const orientation = numbers(TAGS.orientation, 6, "an orientation (0020,0037)");
  checkCosines(orientation, refuse);
  const pixelSpacing = numbers(TAGS.spacing, 2, "a pixel spacing (0028,0030)") as [number, number];
  if (!pixelSpacing.every((mm) => mm > 0)) refuse("a pixel spacing above 0 mm", pixelSpacing.join(" × "));
  return {
    path,
    series: data.string(TAGS.series) ?? "",
    instance: finite(data.intString(TAGS.instance)),
    rows: rows!,
    columns: columns!,
    position: numbers(TAGS.position, 3, "a position (0020,0032)") as Triple,
    rowCosine: orientation.slice(0, 3) as Triple,
    columnCosine: orientation.slice(3) as Triple,
    pixelSpacing,
    thickness: [TAGS.sliceSpacing, TAGS.thickness].map((tag) => Math.abs(data.floatString(tag) ?? NaN)).find((mm) =>
      mm > 0 && Number.isFinite(mm)
    ),
    pixels: `${bits} bits ${data.uint16(TAGS.sign) ? "with" : "without"} sign`,
  };
}

type Refuse = (expected: string, found: string) => never;

/** Bits that a pixel may take in a file of grey pixels (PS3.5, 8.1.1). */
const BITS: readonly number[] = [8, 16, 32];

/** Characters of a value that a message shows. */
const MOST_SHOWN = 80;

/** How far the length of a direction may be from 1, and its angle to the other from 90°: writers round to few digits. */
const COSINE_ERROR = 5e-3;

/** Directions are unit vectors at right angles (PS3.3, C.7.6.2.1.1); all distances would be wrong otherwise. */
function checkCosines(cosines: readonly number[], refuse: Refuse): void {
  const [row, column] = [cosines.slice(0, 3), cosines.slice(3)];
  const lengths = [row, column].map((one) => Math.hypot(...one));
  const between = row.reduce((sum, x, k) => sum + x * column[k], 0);
  if (lengths.every((length) => Math.abs(length - 1) <= COSINE_ERROR) && Math.abs(between) <= COSINE_ERROR) return;
  refuse("an orientation (0020,0037) of two unit vectors at right angles", cosines.map(String).join("\\"));
}

function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** The file's own header comes first, in a syntax that all files share; it names that of the rest. */
function checkSyntax(bytes: Uint8Array, refuse: Refuse): string {
  let uid = "";
  try {
    uid = dicomParser.readPart10Header(bytes).string(TAGS.transferSyntax) ?? "";
  } catch {
    refuse("a DICOM file", fileKind(bytes));
  }
  const { name, supported } = transferSyntax(uid);
  if (supported) return uid;
  return refuse(
    "a transfer syntax that can be decoded",
    `${
      uid || "none"
    } (${name}). Rewrite the series without compression, for example with gdcmconv --raw or dcmconv +te`,
  );
}

function parse(bytes: Uint8Array, refuse: Refuse): DataSet {
  try {
    return dicomParser.parseDicom(bytes);
  } catch (error) {
    const { dataSet, exception } = error as { dataSet?: DataSet; exception?: string };
    const element = dataSet?.elements[TAGS.pixels];
    const reason = element ? "its pixel data is cut off" : `its header is cut off (${exception ?? error})`;
    return refuse("a whole DICOM file", `${bytes.length} bytes: ${reason}`);
  }
}

/** The parser believes the length that an element claims, and knows nothing of what is compressed. */
function checkPixels(
  data: DataSet,
  { bytes, syntax, pixels, bits }: { bytes: Uint8Array; syntax: string; pixels: number; bits: number },
  refuse: Refuse,
): void {
  const element = data.elements[TAGS.pixels];
  if (element.encapsulatedPixelData) {
    const fragments = element.fragments ?? [];
    const frame = new Uint8Array(fragments.reduce((sum, { length }) => sum + length, 0));
    let position = 0;
    for (const { position: start, length } of fragments) {
      frame.set(bytes.subarray(start, start + length), position);
      position += length;
    }
    const sign = cutOffSign(frame, { syntax, pixels });
    if (sign) refuse("a whole DICOM file", sign);
    return;
  }
  const expected = pixels * bits / 8;
  const found = Math.min(element.length, bytes.length - element.dataOffset);
  if (found < expected) refuse(`${expected} bytes of pixel data`, `${found}: the file is cut off`);
}

/** UID of the series that a DICOM file of any kind belongs to; `undefined` where the bytes say none. */
export function seriesUid(bytes: Uint8Array): string | undefined {
  try {
    return dicomParser.parseDicom(bytes, { untilTag: TAGS.series }).string(TAGS.series)?.trim();
  } catch {
    return undefined;
  }
}
