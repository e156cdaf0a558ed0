import { Command } from "@commander-js/extra-typings";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import {
  duration,
  isAlive,
  isQueued,
  JOB_FOLDER,
  jobTime,
  type QueuedTask,
  readJobFiles,
  readNotes,
  readTaskRecord,
  type RecordedStage,
  type RunRecord,
  runRecords,
  SlurmClient,
} from "../pipeline/mod.ts";
import { alignedTable } from "./aligned_table.ts";

/** One thing that runs, waits, or has failed. */
interface StatusRow {
  experiment: string;
  /** Stage, and which of several runs. */
  what: string;
  /** `process 12 of node1`, or `job 17_3 on node1`. */
  where: string;
  state: string;
  /** Steps or cases. */
  done?: number;
  total?: number;
  unit?: string;
  /** Of them in a second. */
  rate?: number;
  secondsLeft?: number;
  /** Bytes of memory of its process, and what was asked for. */
  memory?: number;
  memoryAsked?: string;
  /** Seconds that it has run, and what was asked for. */
  seconds?: number;
  secondsAsked?: number;
  message?: string;
}

/** `deno task status [DIR]`: what runs where, here and in Slurm. */
export function command() {
  return new Command("status")
    .description("what runs where, on this machine and in Slurm, and how far it is")
    .argument("[dir]", "WORK, or WORK/EXPERIMENT", "runs")
    .option("--json", "one JSON object a line")
    .action(async (dir, { json }) => {
      if (!existsSync(dir)) {
        throw new UserError(
          "usage",
          `Cannot tell the status of "${dir}": expected the folder of artifacts, found none`,
        );
      }
      const rows: StatusRow[] = [];
      const queue = new Queue();
      for (const folder of await experimentsIn(dir)) rows.push(...localRows(folder), ...await queue.rows(folder));
      if (json) return rows.forEach((row) => console.log(JSON.stringify(row)));
      if (rows.length === 0) return console.log(`Nothing runs in ${dir}, and nothing waits`);
      const head = ["", "where", "state", "done", "speed", "left", "memory", "time"];
      const columns = Deno.stdout.isTerminal() ? Deno.consoleSize().columns || Infinity : Infinity;
      console.log(alignedTable([head, ...rows.map(cellsOf)], columns));
      for (const { what, message } of rows) if (message) console.log(`${what}: ${message}`);
    });
}

/** Folders of experiments in WORK, or that one. */
async function experimentsIn(dir: string): Promise<string[]> {
  const isExperiment = (folder: string) => existsSync(join(folder, ".runs")) || existsSync(join(folder, JOB_FOLDER));
  if (isExperiment(dir)) return [resolve(dir)];
  const names = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) =>
    name
  );
  return names.sort().map((name) => resolve(dir, name)).filter(isExperiment);
}

/** Stages that processes of this machine, or of another one that is heard of, are making. */
function localRows(folder: string): StatusRow[] {
  return runRecords(folder).filter((record) =>
    record.state === "running" && !record.onCluster && isAlive(record) !== false
  ).flatMap(
    (record) => {
      const { host, process, lastTime } = record;
      const elsewhere = isAlive(record) === undefined ? `, last heard of ${lastTime}` : "";
      return record.stages.filter(({ state }) => state === "running").map((stage) => ({
        experiment: basename(folder),
        what: nameOf(stage.stage, stage.part),
        where: `process ${process} of ${host}${elsewhere}`,
        state: "running",
        ...progressOf(stage, record),
      }));
    },
  );
}

/** Jobs, as the queue and what they note themselves tell. The queue is asked once, and only where there are jobs. */
class Queue {
  #tasks: Promise<Map<string, QueuedTask>> | undefined;

  async rows(folder: string): Promise<StatusRow[]> {
    const rows: StatusRow[] = [];
    const directory = join(folder, JOB_FOLDER);
    for (const { job, key, experiment, stage, mem, limit, tasks } of await readJobFiles(directory)) {
      if (job === undefined) continue;
      for (const { id, part, cases } of tasks) {
        const notes = await readNotes(directory, key, id);
        if (notes.end === 0) continue;
        const task = (await this.#all()).get(`${job}_${id}`);
        const isRunning = task?.state === "RUNNING";
        const record = notes.starts > 0 ? await readTaskRecord(directory, key, id) : undefined;
        const found = record?.stages.findLast((one) => one.stage === stage);
        const state = task && isQueued(task)
          ? isRunning ? "running" : `waits: ${task.reason}`
          : notes.end === undefined
          ? `lost${task ? `: ${task.state}` : ""}`
          : `failed: exit code ${notes.end}`;
        rows.push({
          experiment,
          what: nameOf(stage, part) + (cases === undefined ? "" : `, ${cases} cases`),
          where: `job ${job}_${id}${notes.node && isRunning ? ` on ${notes.node}` : ""}`,
          state: notes.starts > 1 ? `${state} (start ${notes.starts})` : state,
          ...(isRunning && found && record ? progressOf(found, record) : {}),
          memoryAsked: mem,
          secondsAsked: limit === undefined ? undefined : jobTime(limit),
          message: notes.end === undefined ? undefined : record?.message,
        });
      }
    }
    return rows;
  }

  #all(): Promise<Map<string, QueuedTask>> {
    const client = new SlurmClient({ warn: (message) => console.error(message), signal: new AbortController().signal });
    return this.#tasks ??= client.queue().then((tasks) => new Map(tasks.map((task) => [task.id, task])));
  }
}

function nameOf(stage: string, part: string | undefined): string {
  return part ? `${stage} (${part})` : stage;
}

function progressOf(stage: RecordedStage, { lastTime, memory }: RunRecord): Partial<StatusRow> {
  const { done, total, unit, from = 0, fromTime, startTime } = stage;
  const seconds = startTime ? (Date.now() - Date.parse(startTime)) / 1000 : undefined;
  const counted = fromTime ? (Date.parse(lastTime) - Date.parse(fromTime)) / 1000 : 0;
  const rate = done !== undefined && counted > 0 && done > from ? (done - from) / counted : undefined;
  const secondsLeft = rate && total ? (total - done!) / rate : undefined;
  return { done, total, unit, rate, secondsLeft, memory, seconds };
}

function cellsOf(row: StatusRow): string[] {
  const {
    experiment,
    what,
    where,
    state,
    done,
    total,
    unit,
    rate,
    secondsLeft,
    memory,
    memoryAsked,
    seconds,
    secondsAsked,
  } = row;
  const of = (used: string | undefined, asked: string | undefined) =>
    [used ?? (asked && "–"), asked].filter((one) => one).join(" of ");
  return [
    `${experiment}: ${what}`,
    where,
    state,
    done === undefined ? "" : `${done}/${total} ${unit}`,
    rate === undefined ? "" : rate >= 1 ? `${rate.toFixed(1)} a second` : `${(1 / rate).toFixed(1)} s each`,
    secondsLeft === undefined ? "" : duration(secondsLeft),
    of(memory === undefined ? undefined : `${(memory / 2 ** 30).toFixed(1)} GiB`, memoryAsked),
    of(
      seconds === undefined ? undefined : duration(seconds),
      secondsAsked === undefined ? undefined : duration(secondsAsked),
    ),
  ];
}
