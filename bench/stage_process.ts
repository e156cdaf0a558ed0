// Makes one stage of one case and prints what it cost, as JSON. A process of its own, so that its peak of memory is its own.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { makeStage, type StageWork } from "./preprocessing_stages.ts";

/** Most memory that this process has had, in MiB; `null` where the system does not say. */
async function peakMib(): Promise<number | null> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kib = /VmHWM:\s*(\d+)/.exec(status)?.[1];
  return kib === undefined ? null : Number(kib) / 1024;
}

const work: StageWork = JSON.parse(Deno.args[0]);
const before = process.cpuUsage(), start = performance.now();
await makeStage(work);
const wallMs = performance.now() - start, { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, peakMib: await peakMib() }));
