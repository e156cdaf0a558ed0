import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { rawKindOf } from "../datasets/raw_volumes.ts";
import { syncFile, writeWhole } from "../disk.ts";
import { UserError } from "../errors.ts";
import type { SeriesChoice } from "../imaging/files/dicom_folder.ts";
import type { Volume } from "../imaging/volume.ts";
import type { Model } from "../model/model.ts";
import type { SupportSet } from "../model/support_set.ts";
import { hashFile } from "../pipeline/digest.ts";
import { type CaseOrigin, type CaseRecord, differenceOf, readRecord, recordsIn } from "./case_record.ts";
import { type CaseContext, type CaseOptions, maskName, writeCase } from "./case_files.ts";
import type { ShotFiles } from "./labelled_scan.ts";
import type { QueryCase } from "./query_cases.ts";
import { scanDigest } from "./scan_digest.ts";
import { type ClassVolume, volumeOf, volumesCsv } from "./volumes_table.ts";

/** How a case went. */
export interface CaseOutcome {
  /** Its name. */
  id: string;
  /** `made` anew, `kept` since it was there, or `failed`. */
  status: "made" | "kept" | "failed";
  /** Why it was made anew, or failed. */
  message?: string;
  /** What was found. */
  classes: readonly ClassVolume[];
  /** Share of its voxels that lie outside of the model's field, and are background. */
  outside: number;
}

/** A cohort to segment, and with what. */
export interface SegmentationWork {
  /** The model. */
  model: Model;
  /** The supports, brought to it. */
  supports: SupportSet;
  /** Their files. */
  shots: readonly ShotFiles[];
  /** The scans. */
  cases: readonly QueryCase[];
  /** Where masks go. */
  out: string;
  /** What is made of each. */
  options: CaseOptions;
  /** Which series of a folder with several is the scan. */
  series?: SeriesChoice;
  /** Which one of a support's. */
  supportSeries?: SeriesChoice;
  /** Makes all anew. */
  force: boolean;
  /** Draws what is to be looked at. */
  picture(image: Volume, mask: Volume): Uint8Array<ArrayBuffer>;
}

/** Is told how far it is. */
export interface CohortContext {
  /** What is odd about a case. */
  warn(message: string, id: string): void;
  /** After every few slices of a case. */
  onSlices(id: string, done: number, total: number): void;
  /** After every case. */
  onCase(outcome: CaseOutcome): void;
  /** Ends it between slices; what is finished is kept. */
  signal: AbortSignal;
}

/** Folder of pictures below that of the masks. */
export const SHEETS = "sheets";

/**
 * Segments scan after scan. The files of a case appear whole or not at all; one that cannot be segmented stops no other.
 *
 * @throws {Error} if nothing can be written, or it was interrupted
 */
export async function segmentCohort(work: SegmentationWork, context: CohortContext): Promise<CaseOutcome[]> {
  const { out, shots, supportSeries } = work;
  await mkdir(join(out, SHEETS), { recursive: true });
  const supports: { image: string; label: string }[] = [];
  for (const { image, label } of shots) {
    supports.push({ image: await scanDigest(image, supportSeries), label: await scanDigest(label) });
  }
  const outcomes: CaseOutcome[] = [];
  try {
    for (const one of work.cases) {
      context.signal.throwIfAborted();
      const outcome = await segmentOne(one, supports, work, context);
      outcomes.push(outcome);
      context.onCase(outcome);
    }
  } finally {
    await writeWhole(join(out, "volumes.csv"), volumesCsv(await volumesIn(out)));
  }
  return outcomes;
}

/** What is known of all cases of a folder. */
export async function volumesIn(out: string): Promise<Map<string, readonly ClassVolume[]>> {
  return new Map([...await recordsIn(out)].map(([id, { classes }]) => [id, classes]));
}

const NOTHING = { classes: [], outside: 0 };

async function segmentOne(
  one: QueryCase,
  supports: CaseRecord["supports"],
  work: SegmentationWork,
  context: CohortContext,
): Promise<CaseOutcome> {
  const { id } = one, { out, model, force } = work;
  try {
    const origin: CaseOrigin = {
      format: "dfdt-segmentation/1",
      query: await scanDigest(one.path, work.series),
      supports,
      model: model.sha256,
      options: originOf(work),
    };
    const known = await readRecord(join(out, `${id}.json`));
    const difference = known && differenceOf(known, origin);
    const isWhole = known !== undefined && await allThere(out, known);
    if (known && isWhole && difference === undefined && !force) {
      return { id, status: "kept", classes: known.classes, outside: known.outside };
    }
    if (!force) await refuseForeign(one, out, known);
    const made = await makeCase(one, origin, work, {
      warn: (message) => context.warn(message, id),
      onSlices: (done, total) => context.onSlices(id, done, total),
      signal: context.signal,
    });
    for (const name of Object.keys(known?.files ?? {})) {
      if (!(name in made.files)) await rm(join(out, name), { force: true }); // of other options
    }
    const message = force && known ? "forced" : difference ?? (known ? "files were missing" : undefined);
    return { id, status: "made", message, classes: made.classes, outside: made.outside };
  } catch (error) {
    if (context.signal.aborted || !(error instanceof Error)) throw error;
    if (error instanceof UserError) return { id, status: "failed", message: error.message, ...NOTHING };
    if ("code" in error) throw error; // a full disk, say, which the next case would meet, too
    if (Deno.env.has("DFDT_DEBUG")) console.error(error);
    const message = `Cannot segment "${one.path}": ${error.message} (DFDT_DEBUG=1 shows where)`;
    return { id, status: "failed", message, ...NOTHING };
  }
}

/** All that a case's files depend on beside scan, supports and model. */
function originOf({ supports, options, series }: SegmentationWork): Record<string, unknown> {
  const { slices, largest, probability, dicomSeg, codes } = options;
  return {
    classes: supports.classes.map(({ value, name }) => ({ value, name })),
    ...(slices ? { slices: [...slices] } : {}),
    ...(largest ? { largest } : {}),
    ...(probability ? { probability } : {}),
    ...(dicomSeg ? { dicomSeg, codes } : {}),
    ...(series?.series === undefined ? {} : { series: series.series }),
  };
}

/** Makes the files of a case beside, then notes what they are, then puts them in their places. */
async function makeCase(
  one: QueryCase,
  origin: CaseOrigin,
  work: SegmentationWork,
  context: CaseContext,
): Promise<CaseRecord> {
  const { out, options, series } = work;
  const partial = join(out, `${one.id}.partial`);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    const warnings: string[] = [];
    const warn = (message: string) => {
      warnings.push(message);
      context.warn(message);
    };
    const { image, mask, classes, outside } = await writeCase(work, one, { ...options, dir: partial, series }, {
      ...context,
      warn,
    });
    await mkdir(join(partial, SHEETS));
    await Deno.writeFile(join(partial, SHEETS, `${one.id}.png`), work.picture(image, mask));
    const files: Record<string, string> = {};
    for (const name of await filesIn(partial)) {
      files[name] = await hashFile(join(partial, name));
      await syncFile(join(partial, name));
    }
    const record: CaseRecord = { ...origin, classes: classes.map(volumeOf), files, outside, warnings };
    // whoever finds files without a record did not make them here
    await writeWhole(join(out, `${one.id}.json`), JSON.stringify(record, undefined, 1) + "\n");
    for (const name of Object.keys(files)) await rename(join(partial, name), join(out, name));
    return record;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Whether all files of a record are there. */
async function allThere(out: string, { files }: CaseRecord): Promise<boolean> {
  for (const name of Object.keys(files)) {
    if (!await stat(join(out, name)).then((found) => found.isFile(), () => false)) return false;
  }
  return true;
}

/**
 * Refuses to write over what was not made here, or has been changed since.
 *
 * @throws {UserError} naming the file
 */
async function refuseForeign({ id, path }: QueryCase, out: string, known: CaseRecord | undefined): Promise<void> {
  const names = known ? Object.keys(known.files) : [maskName(id, await rawKindOf(path)), `${id}.json`, `${id}.dcm`];
  for (const name of names) {
    const found = await hashFile(join(out, name)).catch(() => undefined);
    if (found === undefined || found === known?.files[name]) continue;
    const what = known ? "changed since it was made" : "that was not made by segment";
    throw new UserError(
      "usage",
      `Cannot write "${
        join(out, name)
      }": expected a free name, found a file ${what}. Move it away, choose another --out, or ` +
        "let --force write over it",
    );
  }
}

/** Files below a folder, sorted. */
async function filesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return names.map((name) => name.slice(dir.length + 1).replaceAll("\\", "/")).sort();
}
