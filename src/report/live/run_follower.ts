import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { runRecords } from "../../pipeline/run_record.ts";
import type { RecordedStage, RunRecord } from "../../pipeline/run_record_data.ts";
import { newestExperiment } from "../gather/find_run.ts";
import { outcomeOf } from "../gather/run_source.ts";
import type { PageOutcome } from "../page_data.ts";
import { LogFollower, type LogPoints, pointsOf } from "./log_follower.ts";

/** What a page that follows a run is told. */
export interface LiveState {
  /** Name of the experiment. */
  experiment: string;
  /** The command. */
  command: string;
  /** How it stands. */
  outcome: PageOutcome;
  /** When it began, and was last heard of. */
  startTime: string;
  /** When it was last heard of. */
  lastTime: string;
  /** What computes. */
  adapter: string;
  /** Its stages. */
  stages: readonly RecordedStage[];
  /** What needed attention, the last of it. */
  warnings: readonly string[];
  /** Trainings with a log, by key. */
  trainings: readonly { key: string; name: string }[];
  /** The training that is shown. */
  training?: {
    key: string;
    /** Steps that are planned, 0 where that is not known. */
    planned: number;
    /** The last step in the log. */
    step: number;
    /** Milliseconds of one of the last steps. */
    milliseconds: number;
    /** Seconds of the steps that are left; 0 where none are, or nobody knows. */
    secondsLeft: number;
    /** What the page lacks of the log. */
    points: LogPoints;
  };
  /** The last picture: its address within the page's, and what it is. */
  picture?: { address: string; title: string };
}

/** What a page says that it has. */
export interface LiveQuery {
  /** Key of the training that it shows; the one that runs unless given. */
  training?: string;
  /** How many points it has of it. */
  have: number;
  /** The step of the last one. */
  last: number;
}

/** Steps that the time of a step is taken from. */
const RECENT_STEPS = 20;

/** Warnings that a page shows. */
const MOST_WARNINGS = 20;

/** Follows the last run of a folder, by its record and its logs; it writes nothing and locks nothing. */
export class RunFollower {
  readonly #logs = new Map<string, LogFollower>();
  /** Paths of the pictures that a page may ask for, by address. */
  readonly #pictures = new Map<string, string>();

  /**
   * @param dir `WORK`, `WORK/EXPERIMENT`, or the folder of a training
   * @throws {UserError} if there is nothing to follow
   */
  constructor(readonly dir: string) {
    if (!existsSync(dir)) throw refuse(dir, "no such folder");
    if (!this.#find()) throw refuse(dir, "neither");
  }

  /** How it stands with the run, and what a page lacks. */
  async state(query: LiveQuery): Promise<LiveState> {
    const { directory, record } = this.#find()!;
    const trainings = record.stages.filter(({ stage, key }) => stage === "train" && key !== undefined);
    const logged = trainings.filter(({ key }) => folderOf(directory, "train", key!, "metrics.jsonl"));
    const shown = logged.find(({ key }) => key === query.training) ??
      logged.find(({ state }) => state === "running") ?? logged.at(-1);
    const outcome = outcomeOf(record);
    return {
      experiment: record.experiment,
      command: record.command.join(" "),
      outcome,
      startTime: record.startTime,
      lastTime: record.lastTime,
      adapter: record.versions.adapter ?? "",
      stages: record.stages,
      warnings: record.warnings.slice(-MOST_WARNINGS),
      trainings: logged.map(({ key, part }) => ({ key: key!, name: part ?? "training" })),
      training: shown && await this.#training(directory, shown, query, outcome.state !== "running"),
      picture: await this.#lastPicture(directory, record),
    };
  }

  /** The path of a picture that a page was told of. */
  picture(address: string): string | undefined {
    return this.#pictures.get(address);
  }

  #find(): { directory: string; record: RunRecord } | undefined {
    const dirs = existsSync(join(this.dir, ".runs")) ? [this.dir] : foldersOf(this.dir);
    const directory = newestExperiment(dirs);
    if (directory) return { directory, record: runRecords(directory)[0] };
    return existsSync(join(this.dir, "metrics.jsonl")) ? trainingAlone(this.dir) : undefined;
  }

  async #training(directory: string, stage: RecordedStage, { have, last }: LiveQuery, isOver: boolean) {
    const path = join(folderOf(directory, "train", stage.key!, "metrics.jsonl")!, "metrics.jsonl");
    let follower = this.#logs.get(stage.key!);
    // a training that is finished bears another name
    if (follower?.path !== path) this.#logs.set(stage.key!, follower = new LogFollower(path));
    await follower.read();
    const { log } = follower;
    const planned = stage.total ?? 0, step = log.steps.at(-1) ?? 0;
    const recent = log.recentMilliseconds.slice(-RECENT_STEPS);
    const milliseconds = recent.reduce((sum, value) => sum + value, 0) / Math.max(1, recent.length);
    return {
      key: stage.key!,
      ...{ planned, step, milliseconds },
      secondsLeft: isOver ? 0 : Math.max(0, planned - step) * milliseconds / 1000,
      points: pointsOf(log, { planned, have, last, isOver: isOver || stage.state !== "running" }),
    };
  }

  /** The last episode sheet; before there is one, the first sheet of the last stage that left some. */
  async #lastPicture(directory: string, { stages }: RunRecord): Promise<LiveState["picture"]> {
    const made = [...stages].reverse().filter(({ key, state }) => key !== undefined && state !== "waiting");
    made.sort((a, b) => Number(b.stage === "train") - Number(a.stage === "train"));
    for (const { stage, part, key } of made) {
      const name = part ? `${stage} (${part})` : stage;
      for (const [folder, pattern] of [["episodes", /^step-\d+\.png$/], [".", /^sheet_.*\.png$/]] as const) {
        const found = folderOf(directory, stage, key!, folder);
        if (!found) continue;
        const files = (await readdir(join(found, folder))).filter((file) => pattern.test(file)).sort();
        const file = folder === "episodes" ? files.at(-1) : files[0];
        if (!file) continue;
        const path = join(found, folder, file);
        const address = `picture/${key}/${(await stat(path)).mtimeMs}/${encodeURIComponent(file)}`;
        this.#pictures.set(address, path);
        return { address, title: `${name}: ${join(folder, file)}` };
      }
    }
    return undefined;
  }
}

function refuse(dir: string, found: string): UserError {
  return new UserError(
    "usage",
    `Cannot watch "${dir}": expected a folder of artifacts in which something ran, WORK or WORK/EXPERIMENT, or that of a ` +
      `training, found ${found}`,
  );
}

function foldersOf(dir: string): string[] {
  return [...Deno.readDirSync(dir)].filter(({ isDirectory }) => isDirectory).map(({ name }) => join(dir, name));
}

/** The folder of an artifact, finished or not, that holds a file. */
function folderOf(directory: string, stage: string, key: string, file: string): string | undefined {
  return [join(directory, stage, key), join(directory, stage, `${key}.partial`)].find((dir) =>
    existsSync(join(dir, file))
  );
}

/** A training of which no record was kept, as one. */
function trainingAlone(dir: string): { directory: string; record: RunRecord } {
  const full = resolve(dir), time = Deno.statSync(join(dir, "metrics.jsonl")).mtime!.toISOString();
  const isFinished = !full.endsWith(".partial");
  const stage: RecordedStage = {
    stage: "train",
    key: basename(full).replace(/\.partial$/, ""),
    state: isFinished ? "made" : "running",
  };
  const record: RunRecord = {
    experiment: basename(dirname(dirname(full))),
    ...{ command: [], folder: "", host: "", process: 0, processStart: "", seed: 0, configuration: {}, differences: [] },
    ...{ startTime: time, lastTime: time, state: isFinished ? "done" : "running", versions: {} },
    stages: [stage],
    warnings: [],
  };
  return { directory: dirname(dirname(full)), record };
}
