import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { NetworkConfiguration } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { gpu } from "../gpu/mod.ts";
import {
  type Choices,
  collectNodes,
  configure,
  didYouMean,
  DigestMemory,
  type Experiment,
  type FileHandle,
  Interrupted,
  JsonReporter,
  type Node,
  type NodeState,
  type Reporter,
  Run,
  TextReporter,
  together,
} from "../pipeline/mod.ts";
import { readGivenWeights } from "../stages/initial_state.ts";
import { summary } from "../stages/summary.ts";
import denoJson from "../../deno.json" with { type: "json" };

const EXPERIMENTS = new URL("../../experiments/", import.meta.url);

/** `deno task pipeline EXPERIMENT`: runs the stages of an experiment. */
export function command() {
  return new Command("pipeline")
    .description("from raw scans to scores")
    .argument("<experiment>", "name of a module in experiments/")
    .option("--data <dir>", "where the raw data set lies")
    .option("--work <dir>", "where artifacts go", "runs")
    .addOption(
      new Option("--preset <name>", "size of network and schedule").choices(["paper", "laptop", "tiny"] as const),
    )
    .addOption(new Option("--setting <n>", "published setting").choices(["1", "2"] as const).default("1" as const))
    .addOption(
      new Option("--protocol <name>", "test protocol").choices(["published", "volume"] as const)
        .default("published" as const),
    )
    .option("--fold <n>", "cross-validation fold, 0 to 4, or all", "0")
    .option("--seed <n>", "one seed for everything random", wholeNumber, 2023)
    .option("--until <stage>", "last stage to run")
    .option("--from <stage>", "first stage whose artifacts are made again")
    .option("--force", "makes all artifacts again, with --from those from there on")
    .option("--set <key=value>", "overrides a configuration value", (value, list: string[]) => [...list, value], [])
    .option("--weights <file>", "initial weights")
    .addOption(
      new Option("--executor <name>", "where stages run").choices(["local", "slurm"] as const).default(
        "local" as const,
      ),
    )
    .option("--no-wait", "fails where another process makes the same artifact")
    .option("--dry-run", "prints the plan")
    .option("--where <stage>", "prints the directory of a stage's artifact")
    .option("--verify", "hashes artifacts and inputs again")
    .option("--json", "one JSON object a line")
    .action(async (name, options) => {
      const experiment = await load(name);
      if (options.executor === "slurm") {
        throw new UserError("usage", 'Cannot use --executor "slurm": expected "local", the only one in this version');
      }
      process.exitCode = await runExperiment(experiment, options);
    });
}

type Options = {
  data?: string;
  work: string;
  preset?: Choices["preset"];
  setting: "1" | "2";
  protocol: Choices["protocol"];
  fold: string;
  seed: number;
  until?: string;
  from?: string;
  force?: true;
  set: string[];
  weights?: string;
  wait: boolean;
  dryRun?: true;
  where?: string;
  verify?: true;
  json?: true;
};

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("expected a whole number");
  return Number(text);
}

/** The experiment of a name. */
export async function load(name: string): Promise<Experiment> {
  const names = (await readdir(fileURLToPath(EXPERIMENTS)))
    .filter((file) => file.endsWith(".ts") && !file.endsWith("_test.ts"))
    .map((file) => file.slice(0, -3)).sort();
  if (!names.includes(name)) throw new UserError("usage", `Unknown experiment "${name}"${didYouMean(name, names)}`);
  return (await import(new URL(`${name}.ts`, EXPERIMENTS).href)).default;
}

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

async function runExperiment(experiment: Experiment, options: Options): Promise<number> {
  const reporter: Reporter = options.json ? new JsonReporter() : new TextReporter();
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (interrupt.signal.aborted) Deno.exit(130);
      console.error("Interrupted: finishing the current case or step (once more to stop at once)");
      interrupt.abort();
    });
  }
  const digests = new DigestMemory(options.work);
  await Deno.mkdir(options.work, { recursive: true });
  const nodes = await buildGraph(experiment, options, reporter);
  const run = new Run(nodes, {
    directory: join(options.work, experiment.name),
    digests,
    reporter,
    signal: interrupt.signal,
    from: options.from,
    until: options.until,
    force: options.force,
    verify: options.verify,
    noWait: !options.wait,
    workers: wantedWorkers(),
    versions,
  });
  if (options.where !== undefined) return printWhere(options.where, await run.where(options.where));
  try {
    printPlan(await run.plan(), reporter);
    if (options.dryRun) return 0;
    const directories = await run.execute();
    if (!options.json) await printResults(directories);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.error(error.message);
    return 130;
  }
  return 0;
}

/** How many cases `DFDT_WORKERS` wants side by side; cores and memory decide unless it is set. */
function wantedWorkers(): number | undefined {
  const text = Deno.env.get("DFDT_WORKERS");
  if (!text) return undefined;
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new UserError("usage", `Cannot use DFDT_WORKERS "${text}": expected a whole number in 1..99`);
}

/** The stages of all folds, those that they share once, and for more than one fold their summary. */
async function buildGraph(experiment: Experiment, options: Options, reporter: Reporter): Promise<Node[]> {
  const nodes: Node[] = [];
  const choicesOf = (fold: number): Choices => ({
    preset: options.preset ?? experiment.defaultPreset,
    setting: options.setting === "2" ? 2 : 1,
    protocol: options.protocol,
    fold,
    seed: options.seed,
    data: options.data,
    weights: options.weights,
  });
  const configOf = (choices: Choices) => configure(experiment.schema, experiment.defaults(choices), options.set);
  const folds = await foldsOf(options.fold, experiment, choicesOf, configOf(choicesOf(0)));
  const scores: Record<string, FileHandle> = {};
  const warnings = new Set<string>(), decisions = new Set<string>();
  for (const fold of folds) {
    const choices = choicesOf(fold);
    const config = configOf(choices);
    if (options.weights !== undefined && fold === folds[0]) {
      // Weights that do not fit are better refused now than after hours of preprocessing.
      await readGivenWeights(options.weights, (config as { network: NetworkConfiguration }).network);
    }
    const raw = await experiment.prepare(config, choices, {
      warn: (message) => warnings.add(message),
      say: (message) => decisions.add(message),
    });
    const build = () => experiment.build(raw, config, choices);
    const outcome = collectNodes(build, nodes, folds.length > 1 ? `fold ${fold}` : undefined).result;
    if (outcome.scores) scores[fold] = outcome.scores;
  }
  for (const message of decisions) reporter.report({ event: "plan", message });
  for (const message of warnings) reporter.report({ event: "warning", message });
  if (folds.length > 1) collectNodes(() => summary({ scores: together(scores) }, {}), nodes);
  return nodes;
}

function printWhere(stage: string, directories: readonly (string | undefined)[]): number {
  if (directories.length === 0 || directories.includes(undefined)) {
    console.error(`There is no finished artifact of stage "${stage}" for these settings`);
    return 1;
  }
  for (const dir of directories) console.log(dir);
  return 0;
}

/** The table of the summary, or else of the test. */
async function printResults(directories: ReadonlyMap<Node, string>): Promise<void> {
  const file = (name: string, path: string) => {
    const found = [...directories].find(([{ stage }]) => stage.name === name);
    return found && join(found[1], path);
  };
  const table = file("summary", "summary.md") ?? file("test", "results.md");
  if (table) console.log(await Deno.readTextFile(table));
}

function printPlan(states: readonly NodeState[], reporter: Reporter): void {
  if (reporter instanceof TextReporter) reporter.report({ event: "plan", message: "Plan" });
  for (const { node: { stage: { name }, part }, status, key, reason } of states) {
    const what = status === "cached" ? "cached" : status === "pending" ? "to do" : "to make";
    const message = reporter instanceof TextReporter
      ? `  ${(part ? `${name} (${part})` : name).padEnd(14)} ${(key ?? "-").padEnd(24)}  ${what}${
        reason ? `: ${reason}` : ""
      }`
      : `${what}${reason ? `: ${reason}` : ""}`;
    reporter.report({ event: "plan", stage: name, part, key, message });
  }
}

/** What makes an artifact; asked when it is finished, since the adapter is known only once a stage has opened it. */
function versions(): Record<string, string> {
  return { deno: Deno.version.deno, project: denoJson.version, adapter: adapterName() };
}

function adapterName(): string {
  try {
    return gpu().adapterName;
  } catch {
    return "not opened";
  }
}
