// What following a run costs: processor time of the page's server while a page asks it, and of the run's own record.
// `deno run -A bench/watch_cost.ts [SECONDS]`
import { readFile } from "node:fs/promises";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { RunRecorder } from "../src/pipeline/mod.ts";
import { metrics } from "../src/testing/made_run.ts";

/** Milliseconds between two questions of the page (`src/report/live/live.client.ts`). */
const EVERY_MS = 2000;

/** Steps of a log that is there, and seconds of a step: of `tiny` on the software adapter, and of a published training on a GPU. */
const RUNS = [
  { name: "tiny, 1000 steps, 0.65 s a step", steps: 1000, stepSeconds: 0.65 },
  { name: "paper, 40,000 steps, 0.5 s a step", steps: 40_000, stepSeconds: 0.5 },
];

const KEY = "0".repeat(24);

/** Processor time of a process so far, in milliseconds (proc_pid_stat(5), fields 14 and 15, in hundredths of a second). */
async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

const seconds = Number(Deno.args[0] ?? 60);
for (const { name, steps, stepSeconds } of RUNS) {
  const work = await mkdtemp(join(tmpdir(), "dfdt-watch-")), directory = join(work, "x");
  const dir = join(directory, "train", `${KEY}.partial`);
  await Deno.mkdir(dir, { recursive: true });
  const log = join(dir, "metrics.jsonl");
  await Deno.writeTextFile(log, metrics(steps));
  const recorder = new RunRecorder({ report: () => {} });
  const about = { experiment: "x", command: [], folder: "", seed: 1, configuration: {}, differences: [] };
  const node = { stage: { name: "train" } } as never;
  recorder.begin(directory, about, [{ node, key: KEY }], () => ({ adapter: "a" }));
  const event = { event: "progress", stage: "train", key: KEY, done: steps, total: 2 * steps, unit: "steps" } as const;

  const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", main, "watch", directory, "--no-open"],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const address = (await reader.read()).value!.trim();
  let have = 0, last = 0, step = steps, recordMs = 0, events = 0;
  const ask = async () => {
    const answer = await (await fetch(`${address}state?have=${have}&last=${last}`)).json();
    const { from, steps: added } = answer.training.points;
    have = from + added.length;
    last = added.at(-1) ?? last;
  };
  await ask(); // the first answer has all points
  const before = await cpuMs(child.pid), start = performance.now();
  let asked = start;
  while (performance.now() - start < 1000 * seconds) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * stepSeconds));
    step++;
    await Deno.writeTextFile(log, metrics(1).replace('"step":1,', `"step":${step},`), { append: true });
    const cpu = process.cpuUsage();
    recorder.report({ ...event, done: step });
    const { user, system } = process.cpuUsage(cpu);
    recordMs += (user + system) / 1000;
    events++;
    if (performance.now() - asked < EVERY_MS) continue;
    asked = performance.now();
    await ask();
  }
  const wall = performance.now() - start, server = await cpuMs(child.pid) - before;
  child.kill();
  await child.status;
  const share = (ms: number) => `${(100 * ms / wall).toFixed(2)} %`;
  console.log(
    `${name}: server ${share(server)} of a processor (another process), record ${
      (recordMs / events).toFixed(2)
    } ms a step, ` +
      `${(100 * recordMs / events / (1000 * stepSeconds)).toFixed(2)} % of it`,
  );
  await rm(work, { recursive: true });
}
Deno.exit(0);
