import { Command, Option } from "@commander-js/extra-typings";
import process from "node:process";
import { dirname, join, resolve } from "node:path";
import { stat } from "node:fs/promises";
import { allNotes, rawKindOf } from "../datasets/raw_volumes.ts";
import { readBytes } from "../dfdt_training/initial_state.ts";
import { UserError } from "../errors.ts";
import { gpu } from "../gpu/mod.ts";
import type { NamedCode } from "../imaging/io/dicom_seg.ts";
import { encodeColourPng } from "../imaging/io/png.ts";
import { loadModel } from "../model/model.ts";
import { type LabelledScan, SupportSet } from "../model/support_set.ts";
import { scanSheet } from "../report/sheets/contact_sheet.ts";
import { Interrupted, JsonReporter, type Reporter, TextReporter } from "../pipeline/mod.ts";
import { outsideInWords } from "../segmentation/case_files.ts";
import { readLabelledScan, type ShotFiles } from "../segmentation/labelled_scan.ts";
import { findQueries } from "../segmentation/query_cases.ts";
import { type CaseOutcome, segmentCohort, SHEETS } from "../segmentation/segment_cohort.ts";
import { volumesMarkdown } from "../segmentation/volumes_table.ts";
import { wantedClasses } from "../segmentation/wanted_classes.ts";
import { checkAdapter } from "./adapter_check.ts";
import { adapterInWords, useAdapter } from "./adapter_choice.ts";
import { interrupts } from "./interrupts.ts";
import { pageOfMasks } from "./segment_page.ts";

const STAGE = "segment";

const gather = (value: string, list: string[]) => [...list, value];

/** `deno task segment`: masks of a user's own scans from one or a few labelled ones. */
export function command() {
  return new Command("segment")
    .description("segments scans with a trained model, from one or a few labelled ones")
    .requiredOption("--model <file>", "model.safetensors, a snapshot, or the folder of a train artifact")
    .requiredOption("--support-image <file>", "a scan with labels; several are several shots", gather, [])
    .requiredOption(
      "--support-label <file>",
      "its labels, on one slice or on all; in the order of the scans",
      gather,
      [],
    )
    .requiredOption("--query <path...>", "scans, folders with a DICOM series, or folders of such")
    .requiredOption("--out <dir>", "where masks go")
    .option("--label <what>", "all, a value, a name, or VALUE=NAME; may be given again (all)", gather, [])
    .option("--slices <a:b>", "only slices A to B of each scan, B excluded, counted from 0 as stored", slicesOf)
    .option("--largest", "keeps only the largest component of every class")
    .option("--probability", "writes the probability of every class, too")
    .option("--dicom-seg", "writes a DICOM segmentation of each DICOM series, too")
    .option("--code <code>", "what a class is in it: NAME=SCT:CODE:MEANING; may be given again", codeOf, [])
    .option("--series <uid>", "which series of a folder with several is segmented")
    .option("--support-series <uid>", "which series of a support's folder has the labels")
    .option("--adapter <name>", "part of the name of the adapter that computes; doctor lists them")
    .option("--force", "makes all masks anew")
    .addOption(new Option("--quiet", "says only what needs attention").conflicts("verbose"))
    .option("--verbose", "every progress, too")
    .option("--json", "one JSON object a line")
    .action(async (options) => {
      process.exitCode = await segment(options);
    });
}

/** `--slices A:B`. */
function slicesOf(text: string): [number, number] {
  const match = /^(\d+):(\d+)$/.exec(text);
  if (match && Number(match[1]) < Number(match[2])) return [Number(match[1]), Number(match[2])];
  throw new UserError("usage", `Cannot use --slices "${text}": expected two whole numbers A:B, A below B`);
}

/** `--code NAME=SCHEME:CODE:MEANING`. */
function codeOf(text: string, known: NamedCode[]): NamedCode[] {
  const match = /^(.+?)=([^:]+):([^:]+):(.+)$/s.exec(text);
  if (match) return [...known, { name: match[1], scheme: match[2], code: match[3], meaning: match[4] }];
  throw new UserError("usage", `Cannot use --code "${text}": expected NAME=SCT:CODE:MEANING`);
}

type Options = ReturnType<ReturnType<typeof command>["opts"]>;

/** Segments what the options name; returns the exit code. */
async function segment(options: Options): Promise<number> {
  const startTime = new Date().toISOString();
  const detail = options.quiet ? "quiet" : options.verbose ? "verbose" : "normal";
  const reporter: Reporter = options.json ? new JsonReporter() : new TextReporter(detail);
  const said: string[] = [];
  const warn = (message: string) => {
    said.push(message);
    reporter.report({ event: "warning", stage: STAGE, message });
  };
  const shots = shotsOf(options);
  const { cases, warnings } = await findQueries(options.query, options);
  warnings.forEach(warn);
  refuseFolderOfScans(options.out, [...cases.map(({ path }) => path), ...shots.flatMap((one) => Object.values(one))]);
  if (options.dicomSeg && !await anyDicom(cases.map(({ path }) => path))) {
    throw new UserError(
      "usage",
      "Cannot use --dicom-seg: expected a folder with a DICOM series as --query, found none",
    );
  }
  await useAdapter(options.adapter ?? Deno.env.get("DFDT_ADAPTER"));
  const path = await modelPath(options.model);
  const bytes = await readBytes(path, "a model");
  const series = { series: options.series, advice: "Choose one by --series UID" };
  const supportSeries = { series: options.supportSeries, advice: "Choose one by --support-series UID" };
  const scans: LabelledScan[] = [];
  for (const shot of shots) scans.push(await readLabelledScan(shot, allNotes(warn), supportSeries));
  using model = await loadModel(bytes, { name: path });
  await checkAdapter();
  for (const { event, message } of adapterInWords(gpu())) reporter.report({ event, message });
  const classes = wantedClasses(options.label, model, scans);
  refuseUnknownCodes(options.code, classes.map(({ name }) => name));
  using supports = new SupportSet(model, scans, classes);
  for (const { name, value, voxels } of supports.missing) {
    warn(
      `class "${name}" (${value}) is left out: its ${voxels} voxels in the support are lost on the model's grid of ` +
        `${model.network.configuration.image} × ${model.network.configuration.image}`,
    );
  }
  if (supports.classes.length === 0) {
    throw new UserError(
      "data",
      `Cannot segment: expected a class that the support shows to the model, whose slices have ` +
        `${model.network.configuration.image} × ${model.network.configuration.image} pixels, found none. A model trained with ` +
        "a larger network.image may keep it",
    );
  }
  reporter.report({ event: "plan", message: inWords(supports, cases.length) });
  const signal = interrupts();
  let done = 0;
  const outcomes = await segmentCohort({
    ...{ model, supports, shots, cases, series, supportSeries, out: options.out },
    options: {
      slices: options.slices,
      largest: options.largest ?? false,
      probability: options.probability ?? false,
      dicomSeg: options.dicomSeg ?? false,
      codes: options.code,
    },
    force: options.force ?? false,
    picture: (image, mask) => encodeColourPng(scanSheet(image, mask.data)),
  }, {
    warn: (message) => warn(message),
    onSlices: (id, slices, all) =>
      reporter.report({
        ...{ event: "progress", stage: STAGE, done, total: cases.length, unit: "cases" },
        message: `${id}: ${slices} of ${all} slices`,
      }),
    onCase: (outcome) => {
      done++;
      tell(outcome, { done, total: cases.length }, reporter);
    },
    signal,
  }).catch((error) => {
    if (!signal.aborted) throw error;
    throw new Interrupted(
      `Interrupted: ${done} of ${cases.length} cases are done; the same command goes on from there`,
    );
  });
  const page = await pageOfMasks(options.out, outcomes, { cases, startTime, warnings: said, reporter });
  return conclude(outcomes, { ...options, page }, reporter);
}

async function anyDicom(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (await rawKindOf(path) === "dicom") return true;
  return false;
}

function shotsOf({ supportImage, supportLabel }: Options): ShotFiles[] {
  if (supportImage.length !== supportLabel.length || supportImage.length === 0) {
    throw new UserError(
      "usage",
      "Cannot segment: expected as many --support-image as --support-label, found " +
        `${supportImage.length} and ${supportLabel.length}`,
    );
  }
  return supportImage.map((image, i) => ({ image, label: supportLabel[i] }));
}

/** Masks among the scans would be scans the next time. */
function refuseFolderOfScans(out: string, paths: readonly string[]): void {
  const scan = paths.find((path) => resolve(dirname(path)) === resolve(out) || resolve(path) === resolve(out));
  if (scan === undefined) return;
  throw new UserError("usage", `Cannot use --out "${out}": expected a folder of its own, found that of "${scan}"`);
}

/** The file of a model: itself, or in the folder of a train artifact. */
async function modelPath(given: string): Promise<string> {
  const isFolder = await stat(given).then((found) => found.isDirectory(), () => false);
  return isFolder ? join(given, "model.safetensors") : given;
}

function refuseUnknownCodes(codes: readonly NamedCode[], classes: readonly string[]): void {
  const other = codes.find(({ name }) => !classes.includes(name));
  if (!other) return;
  throw new UserError(
    "usage",
    `Cannot use --code "${other.name}=…": expected the name of a class that is segmented, ${classes.join(", ")}`,
  );
}

/** Which classes, from what. */
function inWords({ classes, supports }: SupportSet, cases: number): string {
  const names = classes.slice(0, MOST_NAMED).map(({ name, value }) => `"${name}" (${value})`).join(", ");
  const more = classes.length > MOST_NAMED ? ` and ${classes.length - MOST_NAMED} more` : "";
  const shots = supports.length === 1 ? "one labelled scan" : `${supports.length} labelled scans`;
  return `segments ${names}${more} in ${cases === 1 ? "a case" : `${cases} cases`}, from ${shots}`;
}

/** Classes that a line names. */
const MOST_NAMED = 8;

function tell({ id, status, message }: CaseOutcome, count: { done: number; total: number }, reporter: Reporter): void {
  if (status === "failed") reporter.report({ event: "warning", stage: STAGE, message: `${id} failed: ${message}` });
  const words = status === "kept"
    ? "kept"
    : status === "failed"
    ? "failed"
    : message
    ? `made anew: ${message}`
    : "made";
  reporter.report({ event: "progress", stage: STAGE, ...count, unit: "cases", message: `${id}: ${words}` });
}

/** How many were there and had to be made anew, and why. */
function anewInWords(made: readonly CaseOutcome[]): string {
  const reasons = made.flatMap(({ message }) => message ?? []);
  return reasons.length === 0 ? "" : ` (${reasons.length} of them anew: ${[...new Set(reasons)].join("; ")})`;
}

/** Shows the table, says what failed and where everything lies; returns the exit code. */
function conclude(
  outcomes: readonly CaseOutcome[],
  { out, json, quiet, page }: Options & { page?: string },
  reporter: Reporter,
): number {
  const of = (status: CaseOutcome["status"]) => outcomes.filter((one) => one.status === status);
  const failed = of("failed");
  const counts = [
    `${of("made").length} made${anewInWords(of("made"))}`,
    `${of("kept").length} kept`,
    `${failed.length} failed`,
  ].join(", ");
  if (!json && !quiet) {
    const found = new Map(outcomes.filter(({ status }) => status !== "failed").map(({ id, classes }) => [id, classes]));
    if (found.size > 0) console.log(`\n${volumesMarkdown(found, failed.map(({ id }) => id))}\n`);
    console.log(`${outcomes.length} ${outcomes.length === 1 ? "case" : "cases"}: ${counts}`);
  }
  const cut = outcomes.filter(({ outside }) => outside > 0).sort((a, b) => b.outside - a.outside);
  if (cut.length > 0) {
    const among = cut.length === 1 ? "" : `, and less or as many of ${cut.length - 1} others`;
    reporter.report({
      event: "warning",
      stage: STAGE,
      message: `${cut[0].id}: ${outsideInWords(cut[0].outside)}${among}`,
    });
  }
  for (const { message } of failed) console.error(`failed   ${message}`);
  const exitCode = failed.length > 0 ? 1 : 0;
  reporter.report({
    event: "done",
    message: counts,
    results: {
      ...{ masks: [out], pictures: [join(out, SHEETS)], volumes: [join(out, "volumes.csv")] },
      ...(page === undefined ? {} : { page: [page] }),
    },
    exitCode,
  });
  return exitCode;
}
