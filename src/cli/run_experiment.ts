import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { gpu, openDevice } from "../gpu/mod.ts";
import {
  artifactOf,
  type CasesHandle,
  collectNodes,
  configure,
  DigestMemory,
  type FileHandle,
  Interrupted,
  JsonReporter,
  manifestsOf,
  type Node,
  type NodeState,
  type Reporter,
  Run,
  RunRecorder,
  TextReporter,
  together,
} from "../pipeline/mod.ts";
import type { Choices, Experiment, Outcome } from "../../experiments/common/experiment.ts";
import { report } from "../stages/report.ts";
import { summary } from "../stages/summary.ts";
import { adapterInWords, useAdapter } from "./adapter_choice.ts";
import { endingOf, makeWorkFolder } from "./endings.ts";
import { checkEnvironment } from "./environment.ts";
import { dataOf } from "./experiments.ts";
import { interrupts } from "./interrupts.ts";
import { watchRun } from "./watch_run.ts";
import { differencesFromPublished } from "./published_differences.ts";
import { resultsForTerminal } from "./results_table.ts";
import { versions } from "./versions.ts";
import { readVolumes, volumesMarkdown } from "../segmentation/volumes_table.ts";

/** What the command line says of a run. */
export interface RunChoices {
  /** Folder of the raw data. */
  data?: string;
  /** Folder of the artifacts. */
  work: string;
  /** Size of network and schedule; the experiment's own unless given. */
  preset?: Choices["preset"];
  /** Published setting. */
  setting: "1" | "2";
  /** Test protocol. */
  protocol: Choices["protocol"];
  /** A number, or all. */
  fold: string;
  /** Seed of everything random. */
  seed: number;
  /** Last stage. */
  until?: string;
  /** First stage that is made again. */
  from?: string;
  /** Makes everything again. */
  force?: true;
  /** Settings `key=value`. */
  set: string[];
  /** File of initial weights. */
  weights?: string;
  /** Part of an adapter's name. */
  adapter?: string;
  /** False: fails where another process makes the same artifact. */
  wait: boolean;
  /** Prints the plan alone. */
  dryRun?: true;
  /** Prints the directory of a stage's artifact alone. */
  where?: string;
  /** Hashes everything again. */
  verify?: true;
  /** One JSON object a line. */
  json?: true;
  /** Opens a page that follows the run. */
  watch?: true;
  /** Says only what needs attention. */
  quiet?: true;
  /** Says keys and every progress, too. */
  verbose?: true;
}

/** Runs an experiment and tells how it went; returns the exit code. */
export async function runExperiment(experiment: Experiment, options: RunChoices): Promise<number> {
  const detail = options.quiet ? "quiet" : options.verbose ? "verbose" : "normal";
  const reporter = new RunRecorder(options.json ? new JsonReporter() : new TextReporter(detail));
  try {
    const exitCode = await run(experiment, options, { reporter, signal: interrupts() });
    reporter.end("done");
    if (reporter.record) await removeOutdated(join(options.work, experiment.name));
    return exitCode;
  } catch (error) {
    const ending = await endingOf(error, options.work);
    if (!(error instanceof UserError || error instanceof Interrupted) && Deno.env.has("DFDT_DEBUG")) {
      console.error(error);
    }
    console.error(ending.message);
    const isInterrupted = error instanceof Interrupted;
    reporter.end(isInterrupted ? "interrupted" : "failed", ending.message);
    // whoever interrupts does not want to wait for a page; `report` makes it at any time
    const page = isInterrupted ? undefined : await pageOfFailure(join(options.work, experiment.name), reporter);
    if (page) console.error(`What there is can be seen in ${page}`);
    if (options.json) reporter.report({ event: "error", ...ending, ...(page ? { results: { page: [page] } } : {}) });
    return ending.exitCode;
  }
}

/** The page of a run that failed, of what there is; `undefined` where it had not begun, or no page can be written. */
async function pageOfFailure(directory: string, { record }: RunRecorder): Promise<string | undefined> {
  if (!record) return undefined;
  try {
    const { writeRunPage } = await import("../report/mod.ts");
    return await writeRunPage(directory, record);
  } catch (error) {
    console.error(`There is no page: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** A page that says that the run failed goes when it did not. */
async function removeOutdated(directory: string): Promise<void> {
  if (!existsSync(join(directory, "report.html"))) return;
  await (await import("../report/mod.ts")).removeOutdatedPage(directory);
}

async function run(
  experiment: Experiment,
  options: RunChoices,
  { reporter, signal }: { reporter: RunRecorder; signal: AbortSignal },
): Promise<number> {
  if (options.work === "") throw new UserError("usage", 'Cannot use --work "": expected a folder');
  const { workers } = checkEnvironment(Deno.env.toObject());
  const looksOnly = options.dryRun || options.where !== undefined;
  if (!looksOnly) await makeWorkFolder(options.work);
  await useAdapter(options.adapter ?? Deno.env.get("DFDT_ADAPTER"));
  const { nodes, leftOut, ...about } = await buildGraph(
    experiment,
    options,
    options.where === undefined ? reporter : SILENT,
  );
  const directory = join(options.work, experiment.name);
  const run = new Run(nodes, {
    directory,
    digests: new DigestMemory(options.work),
    reporter,
    signal,
    from: options.from,
    until: options.until,
    force: options.force,
    verify: options.verify,
    noWait: !options.wait,
    workers,
    versions,
    record: () => reporter.record,
  });
  if (options.where !== undefined) return printWhere(options.where, await run.where(options.where));
  const states = await run.plan();
  printPlan(states, reporter, options);
  const known = await modelThatIsThere(states, directory);
  if (known) reporter.report({ event: "plan", message: known });
  if (options.dryRun) return 0;
  const { seed } = options, { name } = experiment;
  reporter.begin(
    directory,
    { ...about, experiment: name, command: Deno.args, folder: Deno.cwd(), seed },
    states,
    versions,
  );
  using _page = options.watch && await watchRun(directory, (message) => reporter.report({ event: "plan", message }));
  const computes = states.some(({ node, status }) => node.stage.usesAdapter && status !== "cached");
  if (computes) {
    await openDevice(); // nobody should learn after hours of preprocessing that there is none
    for (const { event, message } of adapterInWords(gpu())) reporter.report({ event, message });
  }
  const directories = await run.execute();
  return await tellResults(directories, options, { reporter, left: new Map([...leftOut, ...run.left]) });
}

const SILENT: Reporter = { report: () => {} };

/** Folds of an experiment that does not say. */
const PUBLISHED_FOLDS = 5;

/** The folds that `--fold` names. */
async function foldsOf(text: string, experiment: Experiment, choicesOf: (fold: number) => Choices, config: unknown) {
  // an experiment that counts its folds by the data says itself why there is no such fold
  const count = await experiment.folds?.(config, choicesOf(0));
  const last = Math.max(count ?? PUBLISHED_FOLDS, 1) - 1;
  if (text === "all") return Array.from({ length: last + 1 }, (_, fold) => fold);
  if (!/^\d{1,4}$/.test(text) || count === undefined && Number(text) > last) {
    const range = last === 0 ? "0" : `a number from 0 to ${last}`;
    throw new UserError("usage", `Unknown --fold "${text}": expected ${range}, or all`);
  }
  return [Number(text)];
}

/** What a command comes to. */
interface Graph {
  /** The stages of all folds, those that they share once, for more than one fold their summary, and the page. */
  nodes: Node[];
  /** The resolved configuration, by fold. */
  configuration: Record<string, unknown>;
  /** What differs from the published protocol. */
  differences: string[];
  /** Absolute paths of the raw scans that are segmented for their user, by case. */
  scans: Record<string, string>;
  /** Cases that the run goes on without, and why. */
  leftOut: ReadonlyMap<string, string>;
}

/** The stages of all folds. */
async function buildGraph(experiment: Experiment, options: RunChoices, reporter: Reporter): Promise<Graph> {
  const nodes: Node[] = [];
  const data = dataOf(experiment, options.data);
  const choicesOf = (fold: number): Choices => ({
    preset: options.preset ?? experiment.defaultPreset,
    setting: options.setting === "2" ? 2 : 1,
    protocol: options.protocol,
    fold,
    seed: options.seed,
    data,
    weights: options.weights,
  });
  const configOf = (choices: Choices) => configure(experiment.schema, experiment.defaults(choices), options.set);
  const folds = await foldsOf(options.fold, experiment, choicesOf, configOf(choicesOf(0)));
  const outcomes = new Map<number, Outcome>();
  const configuration: Record<string, unknown> = {};
  const differences = new Set<string>();
  const warnings = new Set<string>(), decisions = new Set<string>(), leftOut = new Map<string, string>();
  for (const fold of folds) {
    const choices = choicesOf(fold);
    const config = configOf(choices);
    if (fold === folds[0]) await experiment.check(config, choices);
    const raw = await experiment.prepare(config, choices, {
      warn: (message) => warnings.add(message),
      say: (message) => decisions.add(message),
      leaveOut: (id, why) => leftOut.set(id, why),
    });
    const build = () => experiment.build(raw, config, choices);
    const outcome = collectNodes(build, nodes, folds.length > 1 ? `fold ${fold}` : undefined).result;
    outcomes.set(fold, outcome);
    configuration[`fold ${fold}`] = config;
    for (const one of differencesFromPublished(experiment, { config, choices, dataset: outcome.dataset })) {
      differences.add(one);
    }
  }
  for (const message of decisions) reporter.report({ event: "plan", message });
  for (const message of warnings) reporter.report({ event: "warning", message });
  for (const [id, why] of leftOut) reporter.report({ event: "warning", message: `case "${id}" is left out: ${why}` });
  const about = { experiment: experiment.name, differences: [...differences] };
  collectNodes(() => conclude(outcomes, { ...about, steps: stepsOf(configuration) }), nodes);
  const scans = Object.fromEntries(
    [...outcomes.values()].flatMap(({ segmentation }) =>
      segmentation ? segmentation.scans.ids.map((id) => [id, resolve(segmentation.scans.file(id))]) : []
    ),
  );
  return { nodes, configuration, differences: about.differences, scans, leftOut };
}

/** What all folds end with: their summary, and the page. */
function conclude(
  outcomes: ReadonlyMap<number, Outcome>,
  about: { experiment: string; differences: string[]; steps: number },
): void {
  const tested = [...outcomes].flatMap(([fold, { test }]) => test ? [{ fold, ...test }] : []);
  const segmented = [...outcomes].flatMap(([fold, { segmentation }]) =>
    segmentation ? [{ fold, ...segmentation }] : []
  );
  const byFold = Object.fromEntries(tested.map(({ fold, scores }) => [fold, scores]));
  const summarized = tested.length > 1 ? summary({ scores: together(byFold) }, {}).json : undefined;
  const union = (handles: readonly CasesHandle[]): CasesHandle | undefined =>
    handles[0] && { ...handles[0], ids: [...new Set(handles.flatMap(({ ids }) => ids))].sort() };
  const named = (handles: readonly (readonly [fold: number, FileHandle])[]) =>
    together(Object.fromEntries(handles.map(([fold, handle]) => [`fold ${fold}`, handle])));
  report({
    tests: named(tested.map(({ fold, scores }) => [fold, artifactOf(scores)])),
    models: named([...outcomes].map(([fold, { model }]) => [fold, model])),
    images: union(tested.map(({ images }) => images)),
    labels: union(tested.map(({ labels }) => labels)),
    segmentations: named(segmented.map(({ fold, masks }) => [fold, artifactOf(masks)])),
    scans: union(segmented.map(({ scans }) => scans)),
    summary: summarized,
  }, { ...about, dataset: [...outcomes.values()][0].dataset });
}

function stepsOf(configuration: Readonly<Record<string, unknown>>): number {
  return (Object.values(configuration)[0] as { training: { steps: number } }).training.steps;
}

function printWhere(stage: string, directories: readonly (string | undefined)[]): number {
  if (directories.length === 0 || directories.includes(undefined)) {
    console.error(`There is no finished artifact of stage "${stage}" for these settings`);
    return 1;
  }
  for (const dir of directories) console.log(dir);
  return 0;
}

/**
 * Shows the table of the summary, or else of the test, and of what was segmented, and says where everything lies.
 *
 * @param told.left cases that the run went on without
 * @returns the exit code
 */
async function tellResults(
  directories: ReadonlyMap<Node, string>,
  { json, quiet }: RunChoices,
  { reporter, left }: { reporter: Reporter; left: ReadonlyMap<string, string> },
): Promise<number> {
  const of = (name: string) => [...directories].filter(([{ stage }]) => stage.name === name).map(([, dir]) => dir);
  const tests = of("test"), summaries = of("summary"), models = of("train"), segmentations = of("segment");
  const [results] = [
    ...summaries.map((dir) => join(dir, "summary.json")),
    ...tests.map((dir) => join(dir, "scores.json")),
  ];
  if (results && !json && !quiet) console.log(await tableOf(results));
  for (const dir of json || quiet ? [] : segmentations) {
    console.log(`Volumes of the cases without labels:\n\n${volumesMarkdown(await readVolumes(dir), left.keys())}\n`);
  }
  const all = {
    tables: [...summaries.map((dir) => join(dir, "summary.md")), ...tests.map((dir) => join(dir, "results.md"))],
    cases: tests.map((dir) => join(dir, "cases.csv")),
    masks: [...tests.map((dir) => join(dir, "predictions")), ...segmentations],
    volumes: segmentations.map((dir) => join(dir, "volumes.csv")),
    models: models.map((dir) => join(dir, "model.safetensors")),
    page: of("report").map((dir) => join(dir, "index.html")),
  };
  const lies = Object.fromEntries(Object.entries(all).filter(([, paths]) => paths.length > 0));
  for (const [id, why] of left) if (!json) console.error(`failed   case "${id}": ${why}`);
  const exitCode = left.size > 0 ? 1 : 0;
  const message = left.size > 0 ? `went on without ${[...left.keys()].map((id) => `"${id}"`).join(", ")}` : undefined;
  reporter.report({ event: "done", message, results: lies, exitCode });
  return exitCode;
}

/** The table beside a file of results: as a terminal shows it, or else in Markdown. */
async function tableOf(results: string): Promise<string> {
  const columns = terminalColumns();
  if (columns === undefined) {
    return await Deno.readTextFile(
      join(dirname(results), basename(results) === "scores.json" ? "results.md" : "summary.md"),
    );
  }
  return resultsForTerminal(JSON.parse(await Deno.readTextFile(results)), { columns, colour: !Deno.noColor });
}

/** Width of the terminal that standard output is. */
function terminalColumns(): number | undefined {
  if (!Deno.stdout.isTerminal()) return undefined;
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined;
  }
}

/** Where a training starts anew, for example since cases were added: that the model that is there can segment them. */
async function modelThatIsThere(states: readonly NodeState[], directory: string): Promise<string | undefined> {
  const train = states.find(({ node, status, resumesAt }) => {
    return node.stage.name === "train" && status !== "cached" && resumesAt === undefined;
  });
  if (!train) return undefined;
  const training = (params: unknown) => {
    const { network, training, seed } = params as Record<string, unknown>;
    return JSON.stringify([network, training, seed]);
  };
  const made = await manifestsOf(join(directory, "train"));
  const last = made.find(({ parameters }) => training(parameters) === training(train.node.params));
  if (!last) return undefined;
  const model = join(directory, "train", last.key);
  return "training starts anew, since what it trains on has changed; the model that is there segments further cases as it is: " +
    `./dfdt segment --model "${model}"`;
}

function printPlan(states: readonly NodeState[], reporter: Reporter, { json }: RunChoices): void {
  if (!json) reporter.report({ event: "plan", message: "Plan" });
  for (const { node: { stage: { name }, part }, status, key, reason, resumesAt } of states) {
    const what = status === "cached" ? "cached" : status === "pending" ? "to do" : "to make";
    const why = [resumesAt && `resumes at ${resumesAt}`, reason].filter((text) => text).join("; ");
    const state = `${what}${why ? `: ${why}` : ""}`;
    const message = !json
      ? `  ${(part ? `${name} (${part})` : name).padEnd(14)} ${(key ?? "-").padEnd(24)}  ${state}`
      : state;
    reporter.report({ event: "plan", stage: name, part, key, message });
  }
}
