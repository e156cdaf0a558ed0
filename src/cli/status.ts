import { Command } from "@commander-js/extra-typings";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { duration, isAlive, JOB_FOLDER, runRecords } from "../pipeline/mod.ts";
import { alignedTable } from "./aligned_table.ts";
import { JobRows } from "./job_rows.ts";
import { nameOfRow, progressOf, type StatusRow } from "./status_row.ts";

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
      const jobs = new JobRows();
      for (const folder of await experimentsIn(dir)) rows.push(...localRows(folder), ...await jobs.rows(folder));
      if (json) return rows.forEach((row) => console.log(JSON.stringify(row)));
      if (rows.length === 0) return console.log(`Nothing runs in ${dir}, and nothing waits`);
      const head = ["", "where", "state", "done", "speed", "left", "memory", "time"];
      const columns = Deno.stdout.isTerminal() ? Deno.consoleSize().columns || Infinity : Infinity;
      console.log(alignedTable([head, ...rows.map(cellsOf)], columns));
      for (const { what, message } of rows) if (message) console.log(`${what}: ${message}`);
      if (jobs.unaccounted) console.log(`Memory and time are what the jobs say themselves: ${jobs.unaccounted}`);
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
        what: nameOfRow(stage.stage, stage.part),
        where: `process ${process} of ${host}${elsewhere}`,
        state: "running",
        ...progressOf(stage, record),
      }));
    },
  );
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
