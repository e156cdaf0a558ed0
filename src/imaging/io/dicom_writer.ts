import type { Triple } from "../volume.ts";
import { decimal, type DicomElement, encodeFile, EXPLICIT_LITTLE_ENDIAN, uidOf } from "./dicom_elements.ts";

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
/**
 * Bytes of an uncompressed MR image in explicit little-endian DICOM (PS3.5, PS3.10). The same content gives the same bytes.
 */
export function encodeDicom(content: DicomContent): Uint8Array<ArrayBuffer> {
  return encodeFile(imageElements(content));
}

/** The elements of that file. */
export function imageElements(content: DicomContent): DicomElement[] {
  const { pixels, rows, columns, position, rowCosine, columnCosine, pixelSpacing, slice, instance } = content;
  const instanceUid = uidOf(`${content.seriesKey} instance ${instance}`);
  return [
    [0x00020001, "OB", Uint8Array.of(0, 1)],
    [0x00020002, "UI", MR_IMAGE_STORAGE],
    [0x00020003, "UI", instanceUid],
    [0x00020010, "UI", EXPLICIT_LITTLE_ENDIAN],
    [0x00020012, "UI", uidOf("implementation")],
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
    [0x0020000d, "UI", uidOf(`${content.seriesKey} study`)],
    [0x0020000e, "UI", uidOf(`${content.seriesKey} series`)],
    [0x00200010, "SH", "1"],
    [0x00200011, "IS", "2"],
    [0x00200012, "IS", "1"],
    [0x00200013, "IS", String(instance)],
    [0x00200032, "DS", position.map(decimal).join("\\")],
    [0x00200037, "DS", [...rowCosine, ...columnCosine].map(decimal).join("\\")],
    [0x00200052, "UI", uidOf(`${content.seriesKey} frame of reference`)],
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
  ];
}

function littleEndian(pixels: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * pixels.length);
  const view = new DataView(bytes.buffer);
  pixels.forEach((value, i) => view.setUint16(2 * i, value, true));
  return bytes;
}
