import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { z } from "zod";
import type { PipelineEvent, Reporter } from "./events.ts";
import type { Node } from "./graph.ts";
import { processIsAlive, processStart } from "./process_start.ts";
import type { RunRecord } from "./run_record_data.ts";

/** Folder of the records of an experiment's runs. */
const FOLDER = ".runs";

/** Records that are kept, the newest. */
const MOST_RECORDS = 50;

/** Warnings that are kept. */
const MOST_WARNINGS = 200;

/** Milliseconds between two writings of progress. */
const PROGRESS_MS = 1000;

/** What is looked at of a record that is read: pages must not fail for one that is somebody else's. */
const recordSchema = z.looseObject({
  ...{ experiment: z.string(), folder: z.string(), host: z.string(), process: z.int(), processStart: z.string() },
  ...{
    seed: z.number(),
    command: z.array(z.string()),
    differences: z.array(z.string()),
    warnings: z.array(z.string()),
  },
  ...{ startTime: z.string(), lastTime: z.string(), endTime: z.string().optional(), message: z.string().optional() },
  configuration: z.unknown(),
  state: z.enum(["running", "done", "failed", "interrupted"]),
  versions: z.record(z.string(), z.string()),
  stages: z.array(z.looseObject({ stage: z.string(), state: z.enum(["waiting", "running", "made", "cached"]) })),
});

/** Keeps the record of a run beside its artifacts and hands every event on. */
export class RunRecorder implements Reporter {
  readonly #inner: Reporter;
  #record: RunRecord | undefined;
  readonly #own: string | undefined;
  #file = "";
  #lastWrite = 0;
  #versions: () => Record<string, string> = () => ({});

  /**
   * @param inner is told of every event
   * @param file where the record goes, if not among those of the experiment
   */
  constructor(inner: Reporter, file?: string) {
    this.#inner = inner;
    this.#own = file;
  }

  /**
   * Begins the record.
   *
   * @param directory `WORK/EXPERIMENT`
   * @param states the plan
   * @param versions what makes the artifacts; asked again whenever the record is written
   */
  begin(
    directory: string,
    about: Pick<
      RunRecord,
      "experiment" | "command" | "folder" | "seed" | "configuration" | "differences" | "scans" | "onCluster"
    >,
    states: readonly { node: Node; key?: string }[],
    versions: () => Record<string, string>,
  ): void {
    const startTime = new Date().toISOString();
    this.#versions = versions;
    this.#record = {
      ...about,
      host: Deno.hostname(),
      process: process.pid,
      processStart: processStart(process.pid),
      startTime,
      lastTime: startTime,
      state: "running",
      versions: versions(),
      stages: states.map(({ node: { stage: { name }, part }, key }) => ({ stage: name, part, key, state: "waiting" })),
      warnings: [],
    };
    const folder = join(directory, FOLDER);
    this.#file = this.#own ?? join(folder, `${startTime.replace(/[:.]/g, "-")}-${process.pid}.json`);
    this.#quietly(() => {
      if (this.#own !== undefined) return;
      mkdirSync(folder, { recursive: true });
      for (const name of namesOf(folder).slice(0, -MOST_RECORDS)) rmSync(join(folder, name));
    });
    this.#write();
  }

  /** The record so far; none before it has begun. */
  get record(): RunRecord | undefined {
    return this.#record;
  }

  /** Notes an event and hands it on. */
  report(event: PipelineEvent): void {
    if (this.#record) this.#note(this.#record, event);
    this.#inner.report(event);
  }

  /** Ends the record. */
  end(state: RunRecord["state"], message?: string): void {
    if (!this.#record) return;
    Object.assign(this.#record, { state, message, endTime: new Date().toISOString() });
    this.#write();
  }

  #note(record: RunRecord, event: PipelineEvent): void {
    const { stage, part, key, message } = event;
    const ofStage = record.stages.filter((one) => one.stage === stage && one.part === part);
    const found = ofStage.find((one) => one.key === key || one.key === undefined) ??
      // where a case was left out, the artifact has another key than it was begun with
      (event.event === "done" ? ofStage.find(({ state }) => state === "running") : undefined);
    if (stage !== undefined && !found) return; // of another experiment that runs in the same process
    if (event.event === "warning" && message !== undefined && record.warnings.length < MOST_WARNINGS) {
      const name = stage ? `${part ? `${stage} (${part})` : stage}: ` : "";
      if (!record.warnings.includes(name + message)) record.warnings.push(name + message);
    }
    if (found) {
      if (key !== undefined) found.key = key;
      if (event.event === "start" && message !== undefined) record.kept = message;
      if (event.event === "progress" && event.unit === "cases") record.kept = `${event.done} cases of ${stage}`;
      if (event.event === "start") Object.assign(found, { state: "running", startTime: new Date().toISOString() });
      if (event.event === "cached") found.state = "cached";
      if (event.event === "done") Object.assign(found, { state: "made", seconds: event.seconds });
      if (event.event === "progress") {
        const { done, total, unit } = event;
        if (found.from === undefined) Object.assign(found, { from: done, fromTime: new Date().toISOString() });
        Object.assign(found, { done, total, unit, message });
      }
    }
    if (event.event !== "progress" || performance.now() - this.#lastWrite > PROGRESS_MS) this.#write();
  }

  #write(): void {
    if (!this.#record) return;
    this.#lastWrite = performance.now();
    Object.assign(this.#record, {
      lastTime: new Date().toISOString(),
      memory: Math.max(this.#record.memory ?? 0, Deno.memoryUsage().rss),
      versions: this.#versions(),
    });
    const text = JSON.stringify(this.#record, undefined, 1) + "\n";
    this.#quietly(() => {
      writeFileSync(`${this.#file}.new`, text);
      renameSync(`${this.#file}.new`, this.#file);
    });
  }

  /** A record that cannot be kept, on a full disk for example, ends no run. */
  #quietly(body: () => void): void {
    try {
      body();
    } catch {
      // what is being made says itself that nothing can be written
    }
  }
}

/** Records of the runs of an experiment, the newest first. */
export function runRecords(directory: string): RunRecord[] {
  const folder = join(directory, FOLDER);
  if (!existsSync(folder)) return [];
  return namesOf(folder).reverse().flatMap((name) => {
    try {
      return [recordSchema.parse(JSON.parse(readFileSync(join(folder, name), "utf8")))];
    } catch {
      return []; // cut off, or somebody else's
    }
  });
}

function namesOf(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
}

/** Whether the process of a record still lives; `undefined` where that cannot be told, as of another machine. */
export function isAlive({ host, process: number, processStart: start }: RunRecord): boolean | undefined {
  return host === Deno.hostname() ? processIsAlive(number, start) : undefined;
}
