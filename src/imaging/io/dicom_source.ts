import dicomParser, { type DataSet } from "dicom-parser";
import { UserError } from "../../errors.ts";
import type { Grid } from "../geometry.ts";
import { uidOf } from "./dicom_elements.ts";
import { seriesGrid, stackSlices } from "./dicom_series.ts";
import { type DicomSlice, readDicomSlice } from "./dicom_slice.ts";

/** A file of a series, as bytes. */
export interface DicomFile {
  /** What it is called in messages. */
  name: string;
  /** All of it. */
  bytes: Uint8Array;
}

/** One image of a series, and what a derived object says of it. */
export interface SourceImage extends DicomSlice {
  /** SOP class of the image. */
  sopClass: string;
  /** SOP instance UID of the image. */
  sopInstance: string;
  /** How many times smaller its file is than its pixels would be. */
  compression: number;
  /** The bytes of a text as they are stored, without padding; empty where the image has none. */
  raw(tag: number): Uint8Array;
  /** The same as text of ASCII. */
  text(tag: number): string;
}

/** A series that an object is derived from. */
export interface SourceSeries {
  /** Its images, in order along their normal. */
  images: SourceImage[];
  /** Distance of neighbouring images in mm. */
  sliceSpacing: number;
  /** The grid of the volume that they make: rows reversed. */
  grid: Grid;
  /** What identifies it. */
  uids: { study: string; series: string; frameOfReference: string };
  /** What was made up, since the images lack it. */
  warnings: string[];
}

const SOP_CLASS = [0x00080016, 0x00020002], SOP_INSTANCE = [0x00080018, 0x00020003];

const PIXELS = "x7fe00010";

/**
 * Reads the files of one series, in whatever order, and sorts them by position.
 *
 * @param name what the series is called in messages
 * @throws {UserError} if the files do not make one volume, or say not what they are
 */
export function readSourceSeries(files: readonly DicomFile[], name: string): SourceSeries {
  const images = new Map(files.map((file) => {
    const slice = readDicomSlice(file.bytes, file.name);
    return [slice, sourceImage(slice, file)];
  }));
  const { slices, sliceSpacing } = stackSlices(name, [...images.keys()]);
  const sorted = slices.map((slice) => images.get(slice)!);
  const warnings: string[] = [];
  // one that follows from the images is the same however often it is made
  const uid = (tag: number, what: string) => {
    const found = sorted[0].text(tag);
    if (found) return found;
    warnings.push(`the series has no ${what} UID: one that follows from its images stands in`);
    return uidOf(`${what} ${sorted.map(({ sopInstance }) => sopInstance).join(" ")}`);
  };
  const uids = {
    study: uid(0x0020000d, "study"),
    series: uid(0x0020000e, "series"),
    frameOfReference: uid(0x00200052, "frame of reference"),
  };
  return { images: sorted, sliceSpacing, grid: seriesGrid({ slices, sliceSpacing }), uids, warnings };
}

function sourceImage(slice: DicomSlice, { name, bytes }: DicomFile): SourceImage {
  const data = dicomParser.parseDicom(bytes, { untilTag: PIXELS });
  const raw = (tag: number) => rawBytes(data, tag);
  const text = (tag: number) => new TextDecoder("latin1").decode(raw(tag));
  const identifier = (tags: readonly number[], what: string) => {
    const found = tags.map(text).find((value) => value !== "");
    if (found === undefined) throw new UserError("data", `Cannot refer to "${name}": expected its ${what}, found none`);
    return found;
  };
  return {
    ...slice,
    sopClass: identifier(SOP_CLASS, "SOP Class UID (0008,0016)"),
    sopInstance: identifier(SOP_INSTANCE, "SOP Instance UID (0008,0018)"),
    compression: slice.rows * slice.columns * (data.uint16("x00280100") ?? 8) / 8 / bytes.length,
    raw,
    text,
  };
}

function rawBytes({ elements, byteArray }: DataSet, tag: number): Uint8Array {
  const element = elements[`x${tag.toString(16).padStart(8, "0")}`];
  if (!element) return new Uint8Array(0);
  let end = element.dataOffset + element.length;
  while (end > element.dataOffset && (byteArray[end - 1] === 0x20 || byteArray[end - 1] === 0)) end--;
  return Uint8Array.from(byteArray.subarray(element.dataOffset, end));
}
