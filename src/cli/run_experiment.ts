import { existsSync } from "node:fs";
import { join } from "node:path";
import { remove, unfinished } from "../disk.ts";
import { UserError } from "../errors.ts";
import { gpu, openDevice } from "../gpu/mod.ts";
import {
  ChildProcesses,
  didYouMean,
  DigestMemory,
  Interrupted,
  JsonReporter,
  type Node,
  type Reporter,
  Run,
  TextReporter,
  Tracer,
} from "../pipeline/mod.ts";
import type { Experiment } from "../../experiments/common/experiment.ts";
import { checkAdapter } from "./adapter_check.ts";
import { adapterInWords, useAdapter } from "./adapter_choice.ts";
import { commandOf } from "./command_of.ts";
import { endingOf, makeWorkFolder } from "./endings.ts";
import { checkEnvironment } from "./environment.ts";
import { interrupts, PARENT, RECORD } from "./interrupts.ts";
import { modelThatIsThere } from "./model_that_is_there.ts";
import { sameProgram } from "./program.ts";
import { printPlan } from "./print_plan.ts";
import { profileRun, type ProfileTarget } from "./profile_run.ts";
import type { RunChoices } from "./run_choices.ts";
import { RunRecords } from "./run_records.ts";
import { runOnSlurm } from "./run_on_slurm.ts";
import { resourcesOfStages } from "./slurm_options.ts";
import { buildStudy } from "./study_graph.ts";
import { sweepOf } from "./sweep.ts";
import { tellResults } from "./tell_results.ts";
import { versions } from "./versions.ts";
import { watchRun } from "./watch_run.ts";

/** Runs what a command asks for and tells how it went; returns the exit code. */
export async function runExperiments(experiments: readonly Experiment[], options: RunChoices): Promise<number> {
  const detail = options.quiet ? "quiet" : options.verbose ? "verbose" : "normal";
  const shown = options.json ? new JsonReporter() : new TextReporter(detail);
  const tracer = options.profile && new Tracer(shown);
  const records = new RunRecords(tracer ?? shown, Deno.env.get(RECORD));
  try {
    const exitCode = await run(experiments, options, { records, tracer, signal: interrupts() });
    records.end("done");
    for (const [experiment] of records.all) await removeOutdated(join(options.work, experiment));
    return exitCode;
  } catch (error) {
    const { isStorage: _, ...ending } = await endingOf(error, options.work);
    if (!(error instanceof UserError || error instanceof Interrupted) && Deno.env.has("DFDT_DEBUG")) {
      console.error(error);
    }
    console.error(ending.message);
    const isInterrupted = error instanceof Interrupted;
    records.end(isInterrupted ? "interrupted" : "failed", ending.message);
    // whoever interrupts does not want to wait for a page, which `report` makes at any time; what was refused made nothing
    const isRefused = error instanceof UserError && error.kind === "usage";
    const pages = isInterrupted || isRefused ? [] : await pagesOfFailure(options.work, records);
    for (const page of pages) console.error(`What there is can be seen in ${page}`);
    if (options.json) {
      records.report({ event: "error", ...ending, ...(pages.length > 0 ? { results: { page: pages } } : {}) });
    }
    return ending.exitCode;
  }
}

/** The pages of a run that failed, of what there is; none where it had not begun, or no page can be written. */
async function pagesOfFailure(work: string, records: RunRecords): Promise<string[]> {
  const pages: string[] = [];
  for (const [experiment, record] of records.all) {
    try {
      const { writeRunPage } = await import("../report/mod.ts");
      pages.push(await writeRunPage(join(work, experiment), record));
    } catch (error) {
      const { message, isStorage } = await endingOf(error, work);
      if (!isStorage) console.error(`There is no page: ${message}`); // that the disk is full was said
    }
  }
  return pages;
}

/** A page that says that the run failed goes when it did not, and so does what a process left that ended while it wrote it. */
async function removeOutdated(directory: string): Promise<void> {
  const page = join(directory, "report.html");
  await remove(unfinished(page)).catch(() => {}); // a run that is done is not spoilt by what cannot be removed
  if (!existsSync(page)) return;
  await (await import("../report/mod.ts")).removeOutdatedPage(directory);
}

async function run(
  experiments: readonly Experiment[],
  options: RunChoices,
  { records, tracer, signal }: { records: RunRecords; tracer?: Tracer; signal: AbortSignal },
): Promise<number> {
  const { work } = options;
  if (work === "") throw new UserError("usage", 'Cannot use --work "": expected a folder');
  const { workers, processes, adapterMemory } = checkEnvironment(Deno.env.toObject());
  const looksOnly = options.dryRun || options.where !== undefined;
  if (!looksOnly) await makeWorkFolder(work);
  checkCombination(options);
  const onCluster = options.executor === "slurm" && options.where === undefined;
  if (!onCluster) await useAdapter(options.adapter ?? Deno.env.get("DFDT_ADAPTER"));
  const notes: Reporter = options.where === undefined ? records : SILENT;
  const { nodes, members, known, leftOut } = await buildStudy({ ...options, experiments, sweep: sweepOf(options) }, {
    say: (message) => notes.report({ event: "plan", message }),
    warn: (message) => notes.report({ event: "warning", message }),
  });
  const command = { ...options, experiments: experiments.map(({ name }) => name) };
  const digests = new DigestMemory(work);
  const startOf = (node: Node, { forced, cases }: { forced: boolean; cases?: readonly string[] }) => [
    ...sameProgram(),
    ...commandOf(node, members.get(node), { command, forced, cases }),
  ];
  checkCases(options, nodes);
  const run = new Run(nodes, {
    work,
    digests,
    reporter: records,
    signal,
    from: options.from,
    until: options.until,
    force: options.force,
    verify: options.verify,
    noWait: !options.wait,
    cases: options.case?.length ? options.case : undefined,
    workers,
    keepGoing: nodes.some(({ part }) => part !== undefined), // there are several runs
    processes: new ChildProcesses({
      wanted: tracer ? 1 : processes, // a trace knows what this process computes
      adapterMemory: () => gpu().adapterKernels === "llvmpipe" ? Infinity : adapterMemory,
      commandOf: (node, forced) => [...startOf(node, { forced }), "--json"],
    }),
    versions,
    record: (experiment) => records.of(experiment),
  });
  if (options.where !== undefined) return printWhere(options.where, await run.where(options.where));
  const states = await run.plan();
  printPlan(states, records, options);
  for (const message of await modelThatIsThere(states, work)) records.report({ event: "plan", message });
  const cluster = onCluster
    ? {
      ...{ run, work, reporter: records, signal, dryRun: options.dryRun, detach: options.detach },
      digest: (path: string) => digests.digest(path, false),
      resourcesOf: resourcesOfStages({ ...options }, {
        env: Deno.env.toObject(),
        experiments,
        stages: new Set(nodes.map(({ stage }) => stage.name)),
      }),
      commandOf: (node: Node, cases?: readonly string[]) => startOf(node, { forced: run.remakes(node), cases }),
    }
    : undefined;
  if (options.dryRun) {
    if (cluster) await runOnSlurm(states, cluster);
    return 0;
  }
  const typed = { command: Deno.args, folder: Deno.cwd(), seed: sweepOf(options).seeds[0], onCluster };
  for (const [experiment, about] of Deno.env.has(PARENT) ? [] : known) {
    const own = states.filter(({ node }) => node.experiment === experiment);
    records.begin(join(work, experiment), { ...about, ...typed, experiment }, own, versions);
  }
  using pages = new DisposableStack();
  for (const experiment of options.watch ? known.keys() : []) {
    pages.use(await watchRun(join(work, experiment), (message) => records.report({ event: "plan", message })));
  }
  const told = (left: ReadonlyMap<string, string>) => ({ reporter: records, left: new Map([...leftOut, ...left]) });
  if (cluster) {
    const made = await runOnSlurm(states, cluster);
    return made ? await tellResults(await run.made(made), options, told(run.left)) : 0;
  }
  const computes = states.some(({ node, status }) => node.stage.usesAdapter && status !== "cached");
  if (computes) {
    await openDevice(); // nobody should learn after hours of preprocessing that there is none
    await checkAdapter();
    for (const { event, message } of adapterInWords(gpu())) records.report({ event, message });
  }
  const directories = await executeTraced(run, tracer, {
    file: join(work, ...(experiments.length === 1 ? [experiments[0].name] : []), "trace.json"),
    report: (event) => records.report(event),
    computes,
  });
  if (options.case?.length) return 0; // there is no whole artifact to tell of
  const exitCode = await tellResults(directories, options, told(run.left));
  return Deno.env.has(RECORD) ? 0 : exitCode; // whoever submitted the job knows of the cases that were left out
}

/** @throws {UserError} for options that make no sense together */
function checkCombination({ executor, detach, until, case: cases = [], watch, profile }: RunChoices): void {
  if (detach && executor !== "slurm") {
    throw new UserError("usage", "Cannot use --detach: expected --executor slurm beside it, found a local run");
  }
  if (detach && watch) throw new UserError("usage", "Cannot use --watch with --detach: expected either, found both");
  if (profile && executor === "slurm") {
    throw new UserError(
      "usage",
      "Cannot use --profile with --executor slurm, whose jobs compute elsewhere: leave it out",
    );
  }
  if (cases.length > 0 && until === undefined) {
    throw new UserError(
      "usage",
      `Cannot use --case "${cases[0]}": expected --until with a stage that works case by case`,
    );
  }
  if (cases.length > 0 && executor === "slurm") {
    throw new UserError(
      "usage",
      "Cannot use --case with --executor slurm, which shares out the cases itself: leave it out",
    );
  }
}

/** @throws {UserError} for a case that the last stage does not have */
function checkCases({ until, case: cases = [] }: RunChoices, nodes: readonly Node[]): void {
  const last = nodes.filter(({ stage }) => stage.name === until);
  const known = new Set(last.flatMap(({ ids, byCase }) => byCase ? ids! : []));
  for (const id of cases) {
    if (last.length > 0 && !known.has(id)) {
      throw new UserError("usage", `Unknown --case "${id}" of stage "${until}"${didYouMean(id, [...known])}`);
    }
  }
}

/** Makes what is missing, and its profile where one is wanted. */
async function executeTraced(run: Run, tracer: Tracer | undefined, target: ProfileTarget): ReturnType<Run["execute"]> {
  if (!tracer) return await run.execute();
  await using _profile = profileRun(tracer, target);
  return await run.execute();
}

const SILENT: Reporter = { report: () => {} };

function printWhere(stage: string, directories: readonly (string | undefined)[]): number {
  if (directories.length === 0 || directories.includes(undefined)) {
    console.error(`There is no finished artifact of stage "${stage}" for these settings`);
    return 1;
  }
  for (const dir of directories) console.log(dir);
  return 0;
}
