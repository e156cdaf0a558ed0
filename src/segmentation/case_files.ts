import { basename, join } from "node:path";
import { readFile } from "node:fs/promises";
import { type RawKind, rawKindOf, readRawImage } from "../datasets/raw_volumes.ts";
import type { RawNotes } from "../imaging/label_values.ts";
import { UserError } from "../errors.ts";
import { readDicomSeries, type SeriesChoice } from "../imaging/files/dicom_folder.ts";
import { encodeSegmentation, type NamedCode } from "../imaging/io/dicom_seg.ts";
import { readNiftiHeader, writeNifti } from "../imaging/files/nifti_file.ts";
import { encodePngPixels } from "../imaging/io/png.ts";
import type { Volume } from "../imaging/volume.ts";
import { predictionNames } from "../inference/prediction_names.ts";
import type { SegmentedClass } from "../model/mask_of_classes.ts";
import type { Model } from "../model/model.ts";
import type { ModelClass } from "../model/model_facts.ts";
import { segmentVolume } from "../model/segment_volume.ts";
import type { SupportSet } from "../model/support_set.ts";

/** What is made of a scan. */
export interface CaseOptions {
  /** Numbers of its own slices that are looked at: from the first up to, not including, the second. */
  slices?: readonly [number, number];
  /** Keeps only the largest component of every class. */
  largest: boolean;
  /** Writes the probability of every class, too. */
  probability: boolean;
  /** Writes a DICOM segmentation of a DICOM series, too. */
  dicomSeg: boolean;
  /** What classes are, for a DICOM segmentation. */
  codes: readonly NamedCode[];
}

/** How a scan is looked at. */
export interface CaseContext {
  /** Told what is odd about it. */
  warn(message: string): void;
  /** Told after every few slices. */
  onSlices?(done: number, total: number): void;
  /** Ends it with its reason. */
  signal?: AbortSignal;
}

/** What was found in a scan. */
export interface WrittenCase {
  /** The scan. */
  image: Volume;
  /** Its mask. */
  mask: Volume;
  /** What was found of every class. */
  classes: SegmentedClass[];
  /** Share of its voxels that lie outside of the model's field, and are background. */
  outside: number;
}

/** That a share of a scan is background since the model does not see it, for people. */
export function outsideInWords(share: number): string {
  const percent = 100 * share;
  return `${
    percent < 0.1 ? "less than 0.1" : percent.toFixed(1)
  } % of its voxels lie outside of the model's field and are background`;
}

/** Name of a case's mask. */
export function maskName(id: string, kind: RawKind): string {
  return kind === "png" ? `${id}.png` : `${id}.nii.gz`;
}

/**
 * Segments a scan and writes what was found into a folder: the mask in the form of the scan, on its own grid and with its label
 * values, and what was asked for beside.
 *
 * @throws {UserError} if the scan cannot be read, or brought to the model
 */
export async function writeCase(
  { model, supports }: { model: Model; supports: SupportSet },
  { id, path }: { id: string; path: string },
  { dir, series, ...options }: CaseOptions & { dir: string; series?: SeriesChoice },
  { warn, onSlices, signal }: CaseContext,
): Promise<WrittenCase> {
  const notes: RawNotes = { header: warn, voxels: warn };
  const kind = await rawKindOf(path);
  const image = await readRawImage(path, notes, series);
  const written = kind === "nifti" ? (await readNiftiHeader(path)).written : undefined;
  const write = (name: string, volume: Volume) => writeNifti(join(dir, name), volume, written);
  const names = nameByValue(supports.classes);
  const { mask, classes, outside } = await segmentVolume(model, supports, image, {
    name: path,
    slices: options.slices,
    largest: options.largest,
    onProbability: options.probability
      ? ({ value }, probability) => write(`${id}_probability_${names.get(value)}.nii.gz`, probability)
      : undefined,
    onSlices,
    signal,
  });
  if (kind === "png") await Deno.writeFile(join(dir, maskName(id, kind)), pngOf(mask, path));
  else await write(maskName(id, kind), mask);
  if (options.dicomSeg && kind === "dicom") {
    const { slices } = await readDicomSeries(path, series);
    const files = await Promise.all(
      slices.map(async ({ path }) => ({ name: basename(path), bytes: await readFile(path) })),
    );
    const { bytes, warnings } = encodeSegmentation({
      series: files,
      name: path,
      mask,
      segments: supports.classes,
      codes: options.codes,
      model: model.sha256,
    });
    for (const warning of warnings) warn(`"${path}": ${warning}`);
    await Deno.writeFile(join(dir, `${id}.dcm`), bytes);
  }
  return { image, mask, classes, outside: outside / mask.data.length };
}

function nameByValue(classes: readonly ModelClass[]): Map<number, string> {
  const names = predictionNames(classes.map(({ name, value }) => ({ name, label: value })));
  return new Map(classes.map(({ value }, i) => [value, names[i]]));
}

function pngOf({ data, size: [width, height] }: Volume, path: string): Uint8Array<ArrayBuffer> {
  if (data instanceof Uint8Array || data instanceof Uint16Array) return encodePngPixels({ width, height, data });
  throw new UserError(
    "data",
    `Cannot write a mask of "${path}": a PNG holds label values from 0 to 65535, found others`,
  );
}
