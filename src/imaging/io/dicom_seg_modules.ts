import type { DicomCode, SegmentCodes } from "./dicom_codes.ts";
import { dicomLab, segmentColour } from "./dicom_colours.ts";
import { decimal, type DicomElement, EXPLICIT_LITTLE_ENDIAN, uidOf } from "./dicom_elements.ts";
import type { SourceImage, SourceSeries } from "./dicom_source.ts";
import { encodeText, isAscii } from "./dicom_text.ts";

// The modules of a segmentation object (DICOM PS3.3, table A.51-1), each a list of elements.

/** One frame: a segment on an image. */
export interface Frame {
  /** Number of the segment, from 1. */
  segment: number;
  /** Position of the image along the normal, from 0. */
  slice: number;
}

/** What identifies the object. */
export interface SegmentationUids {
  /** The object. */
  instance: string;
  /** Its series, of which it is the only one. */
  series: string;
  /** How its frames are ordered. */
  dimensions: string;
}

const SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4";

const dcm = (code: string, meaning: string): DicomCode => ({ scheme: "DCM", code, meaning });

/** How a frame follows from its image (CID 7203), and what the image was for it (CID 7202). */
const SEGMENTATION = dcm("113076", "Segmentation"),
  SOURCE_IMAGE = dcm("121322", "Source image for image processing operation");

/** Family of the algorithm (CID 7162). */
const FAMILY = dcm("123110", "Artificial Intelligence");

const ALGORITHM = "DFDT";

/** The header of the file. */
export function metaElements({ instance }: SegmentationUids): DicomElement[] {
  return [
    [0x00020001, "OB", Uint8Array.of(0, 1)],
    [0x00020002, "UI", SEGMENTATION_STORAGE],
    [0x00020003, "UI", instance],
    [0x00020010, "UI", EXPLICIT_LITTLE_ENDIAN],
    [0x00020012, "UI", uidOf("dfdt segmentation writer")],
  ];
}

/** May be left out, where the others of the list may only be empty. */
const STUDY_DESCRIPTION = 0x00081030;

/** Attributes of patient, study and frame of reference that stay as they are, empty where the series has none. */
const CARRIED: readonly (readonly [tag: number, vr: string])[] = [
  [0x00080020, "DA"],
  [0x00080030, "TM"],
  [0x00080050, "SH"],
  [0x00080090, "PN"],
  [STUDY_DESCRIPTION, "LO"],
  [0x00100010, "PN"],
  [0x00100020, "LO"],
  [0x00100030, "DA"],
  [0x00100040, "CS"],
  [0x00200010, "SH"],
  [0x00201040, "LO"],
];

/**
 * Patient, study and frame of reference of the series, every text in its own bytes, and the labels of the segments in the same
 * character set: that of the series, or UTF-8 where no text of the series would change by it.
 */
export function carriedTexts(
  { images: [image], uids }: SourceSeries,
  names: readonly string[],
  warn: (message: string) => void,
): { elements: DicomElement[]; labels: Uint8Array[] } {
  const texts = CARRIED.map(([tag, vr]): [number, string, Uint8Array] => [tag, vr, image.raw(tag)]);
  const declared = image.text(0x00080005);
  const fits = names.every((name) => encodeText(name, declared).isWhole);
  const characterSet = !fits && texts.every(([, , bytes]) => isAscii(bytes)) ? "ISO_IR 192" : declared;
  const labels = names.map((name) => {
    const { bytes, isWhole } = encodeText(name, characterSet);
    if (!isWhole) {
      warn(
        `"${name}" is labelled "${new TextDecoder("latin1").decode(bytes)}": the character set of the series, ` +
          `${declared || "ASCII"}, lacks some of its characters`,
      );
    }
    return bytes;
  });
  return {
    elements: [
      ...texts.filter(([tag, , bytes]) => tag !== STUDY_DESCRIPTION || bytes.length > 0),
      ...(characterSet === "" ? [] : [[0x00080005, "CS", characterSet]] as DicomElement[]),
      [0x0020000d, "UI", uids.study],
      [0x00200052, "UI", uids.frameOfReference],
    ],
    labels,
  };
}

/** The object's own series, and what made it. */
export function equipmentElements(
  { instance, series }: SegmentationUids,
  { source, model, version }: { source: SourceSeries; model: string; version: string },
): DicomElement[] {
  return [
    [0x00080016, "UI", SEGMENTATION_STORAGE],
    [0x00080018, "UI", instance],
    [0x00080060, "CS", "SEG"],
    [0x0008103e, "LO", "DFDT segmentation"],
    [0x0020000e, "UI", series],
    [0x00200011, "IS", String(1000 + (Number.parseInt(source.images[0].text(0x00200011)) || 0))],
    [0x00080070, "LO", "DFDT on Deno"],
    [0x00081090, "LO", ALGORITHM],
    [0x00181000, "LO", model], // the device is the model
    [0x00181020, "LO", version],
  ];
}

/** The series that was segmented, with all its images. */
export function referenceElements({ images, uids }: SourceSeries): DicomElement[] {
  return [
    [0x00081115, "SQ", [[
      [0x0020000e, "UI", uids.series],
      [0x0008114a, "SQ", images.map(reference)],
    ]]],
  ];
}

function reference({ sopClass, sopInstance }: SourceImage): DicomElement[] {
  return [[0x00081150, "UI", sopClass], [0x00081155, "UI", sopInstance]];
}

/** The image as a whole. */
export function imageElements(
  source: SourceSeries,
  { frames, warn }: { frames: number; warn: (message: string) => void },
): DicomElement[] {
  const { rows, columns } = source.images[0];
  const { date, time } = contentDate(source, warn);
  return [
    [0x00080008, "CS", "DERIVED\\PRIMARY"],
    [0x00200013, "IS", "1"],
    [0x00080023, "DA", date],
    [0x00080033, "TM", time],
    [0x00700080, "CS", "SEGMENTATION"],
    [0x00700081, "LO", "Few-shot segmentation"],
    [0x00700084, "PN", ""],
    [0x00280002, "US", 1],
    [0x00280004, "CS", "MONOCHROME2"],
    [0x00280008, "IS", String(frames)],
    [0x00280010, "US", rows],
    [0x00280011, "US", columns],
    [0x00280100, "US", 1],
    [0x00280101, "US", 1],
    [0x00280102, "US", 0],
    [0x00280103, "US", 0],
    ...lossyElements(source),
    [0x00620001, "CS", "BINARY"],
    [0x00620013, "CS", "NO"],
  ];
}

/** Date and time of content, acquisition, series and study, the first that an image has. */
const DATES: readonly (readonly [date: number, time: number])[] = [
  [0x00080023, 0x00080033],
  [0x00080022, 0x00080032],
  [0x00080021, 0x00080031],
  [0x00080020, 0x00080030],
];

/**
 * When the content began: the series' latest date. It must have a value, and one of a clock would make every object another;
 * a series from which all dates were removed gets 1900.
 */
function contentDate({ images }: SourceSeries, warn: (message: string) => void): { date: string; time: string } {
  const found = images.flatMap((image) => {
    const tags = DATES.find(([date]) => image.text(date) !== "");
    return tags ? [{ date: image.text(tags[0]), time: image.text(tags[1]) || "000000" }] : [];
  });
  const key = ({ date, time }: { date: string; time: string }) => `${date} ${time}`;
  if (found.length > 0) return found.reduce((a, b) => key(b) > key(a) ? b : a);
  warn("the series has no date: the object gets 1900-01-01");
  return { date: "19000101", time: "000000" };
}

/** Transfer syntaxes that lose something, and the method of each (PS3.3, C.7.6.1.1.5.1). */
const LOSSY: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.4.50": "ISO_10918_1",
  "1.2.840.10008.1.2.4.51": "ISO_10918_1",
  "1.2.840.10008.1.2.4.81": "ISO_14495_1",
  "1.2.840.10008.1.2.4.91": "ISO_15444_1",
};

/** What is derived from images that lost something has lost it, too. */
function lossyElements({ images }: SourceSeries): DicomElement[] {
  const method = ({ text }: SourceImage) => text(0x00282114) || LOSSY[text(0x00020010)];
  const lossy = images.find((image) => image.text(0x00282110) === "01" || image.text(0x00020010) in LOSSY);
  if (!lossy) return [[0x00282110, "CS", "00"]];
  const ratio = lossy.text(0x00282112) || decimal(Number(lossy.compression.toFixed(2)));
  return [
    [0x00282110, "CS", "01"],
    [0x00282112, "DS", ratio],
    ...(method(lossy) ? [[0x00282114, "CS", method(lossy)]] as DicomElement[] : []),
  ];
}

/** The segments, numbered from 1. */
export function segmentElements(
  meanings: readonly SegmentCodes[],
  { labels, model }: { labels: readonly Uint8Array[]; model: string },
): DicomElement[] {
  const items = meanings.map(({ category, type, modifier }, i): DicomElement[] => [
    [0x00620003, "SQ", [code(category)]],
    [0x00620004, "US", i + 1],
    [0x00620005, "LO", labels[i]],
    [0x00620007, "SQ", [[
      [0x0066002f, "SQ", [code(FAMILY)]],
      [0x00660031, "LO", model],
      [0x00660036, "LO", ALGORITHM],
    ]]],
    [0x00620008, "CS", "AUTOMATIC"],
    [0x00620009, "LO", ALGORITHM],
    [0x0062000d, "US", dicomLab(segmentColour(i + 1))],
    [0x0062000f, "SQ", [[
      ...code(type),
      ...(modifier ? [[0x00620011, "SQ", [code(modifier)]]] as DicomElement[] : []),
    ]]],
  ]);
  return [[0x00620002, "SQ", items]];
}

function code({ scheme, code, meaning }: DicomCode): DicomElement[] {
  return [[0x00080100, "SH", code], [0x00080102, "SH", scheme], [0x00080104, "LO", meaning]];
}

/** What frames are ordered by: the segment, then the position. */
export function dimensionElements({ dimensions }: SegmentationUids): DicomElement[] {
  const index = (pointer: number, group: number, label: string): DicomElement[] => [
    [0x00209164, "UI", dimensions],
    [0x00209165, "AT", pointer],
    [0x00209167, "AT", group],
    [0x00209421, "LO", label],
  ];
  return [
    [0x00209221, "SQ", [[[0x00209164, "UI", dimensions]]]],
    [0x00209222, "SQ", [
      index(0x0062000b, 0x0062000a, "Segment"),
      index(0x00200032, 0x00209113, "Position"),
    ]],
  ];
}

/** Where each frame lies and what it shows; what all images share is said once. */
export function frameElements(frames: readonly Frame[], source: SourceSeries): DicomElement[] {
  const { images } = source;
  const used = [...new Set(frames.map(({ slice }) => slice))].sort((a, b) => a - b);
  const rank = new Map(used.map((slice, i) => [slice, i + 1]));
  const isShared = images.every((image) =>
    [IN_PLANE, ORIENTATION].every((tag) => image.text(tag) === images[0].text(tag))
  );
  const items = frames.map(({ segment, slice }): DicomElement[] => [
    [0x00089124, "SQ", [derivation(images[slice])]],
    [0x00209111, "SQ", [[[0x00209157, "UL", [segment, rank.get(slice)!]]]]],
    [0x00209113, "SQ", [[[POSITION, "DS", numbers(images[slice], POSITION, images[slice].position)]]]],
    [0x0062000a, "SQ", [[[0x0062000b, "US", segment]]]],
    ...(isShared ? [] : planeElements(images[slice], source)),
  ]);
  const shared = isShared ? planeElements(images[0], source) : [];
  return [[0x52009229, "SQ", [shared]], [0x52009230, "SQ", items]];
}

const POSITION = 0x00200032, ORIENTATION = 0x00200037, IN_PLANE = 0x00280030;

function planeElements(image: SourceImage, { sliceSpacing }: SourceSeries): DicomElement[] {
  const { pixelSpacing, rowCosine, columnCosine } = image;
  const thickness = Number.parseFloat(image.text(0x00180050)) > 0 ? image.raw(0x00180050) : decimal(sliceSpacing);
  return [
    [0x00209116, "SQ", [[[ORIENTATION, "DS", numbers(image, ORIENTATION, [...rowCosine, ...columnCosine])]]]],
    [0x00289110, "SQ", [[
      [0x00180050, "DS", thickness],
      [0x00180088, "DS", decimal(sliceSpacing)],
      [IN_PLANE, "DS", numbers(image, IN_PLANE, pixelSpacing)],
    ]]],
  ];
}

/** Numbers digit by digit as the image has them, unless one has more than the 16 characters that are allowed. */
function numbers(image: SourceImage, tag: number, values: readonly number[]): Uint8Array | string {
  const fits = image.text(tag).split("\\").every((text) => text.length <= 16);
  return fits ? image.raw(tag) : values.map(decimal).join("\\");
}

function derivation(image: SourceImage): DicomElement[] {
  return [
    [0x00089215, "SQ", [code(SEGMENTATION)]],
    [0x00082112, "SQ", [[
      ...reference(image),
      [0x0028135a, "CS", "YES"],
      [0x0040a170, "SQ", [code(SOURCE_IMAGE)]],
    ]]],
  ];
}
