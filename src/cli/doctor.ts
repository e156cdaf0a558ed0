import { Command } from "@commander-js/extra-typings";
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import process from "node:process";
import { UserError } from "../errors.ts";
import { openDevice } from "../gpu/mod.ts";
import { wrongNumbers } from "../nn/adapter_check.ts";
import { offeredAdapters } from "./adapter_choice.ts";
import { projectFolder } from "./user_folder.ts";

/** One thing that was looked at. */
export interface Finding {
  /** `warning` lets runs go on, `failed` does not. */
  state: "ok" | "warning" | "failed";
  /** What was looked at. */
  about: string;
  /** What was found, and what to do about it. */
  message: string;
}

const GIB = 2 ** 30;

/** Free memory and disk below which a run of the `tiny` preset may fail. */
const MEMORY_NEEDED = 1.5 * GIB, DISK_NEEDED = 1 * GIB;

/** Raw data that experiments look for, and what holds it. */
const DATA_FOLDERS: readonly [name: string, about: string][] = [
  ["sabs", "abdominal CT, data/README.md says where from,"],
  ["chaost2", "abdominal MR, data/README.md says where from,"],
  ["cmr", "cardiac MR, data/README.md says where from,"],
  ["custom", "a data set of your own in nnU-Net's raw layout"],
  ["Dataset001_MacaqueHemispheres", "the MR image that comes along"],
];

/** `deno task doctor`: looks at adapter, memory, disk and data folders and says what to do. */
export function command() {
  return new Command("doctor")
    .description("adapter, driver, memory, disk, data folders")
    .option("--work <dir>", "where artifacts go", "runs")
    .option("--json", "one JSON object a line")
    .action(async ({ work, json }) => {
      const space = await statfs(existsSync(work) ? work : ".");
      const findings = [
        versions(),
        await adapter(),
        ...await otherAdapters(),
        memoryFinding(Deno.systemMemoryInfo()),
        diskFinding(work, space.bavail * space.bsize),
        ...DATA_FOLDERS.map(dataFolder),
      ];
      for (const { state, about, message } of findings) {
        console.log(
          json ? JSON.stringify({ state, about, message }) : `${state.padEnd(8)} ${about.padEnd(9)} ${message}`,
        );
      }
      if (findings.some(({ state }) => state === "failed")) process.exitCode = 3;
    });
}

function versions(): Finding {
  return { state: "ok", about: "versions", message: `Deno ${Deno.version.deno}, ${Deno.build.target}` };
}

/** Opens the adapter and has it compute what is known: a driver may be there and compute nothing, or something else. */
async function adapter(): Promise<Finding> {
  const about = "adapter";
  try {
    const { adapterName, adapterKernels, maxBindingBytes } = await openDevice();
    const wrong = await wrongNumbers();
    if (wrong !== undefined) {
      const message = `${adapterName} computes wrong numbers (${wrong}): update its driver`;
      return { state: "failed", about, message };
    }
    const size = `bindings up to ${(maxBindingBytes / GIB).toFixed(2)} GiB`;
    return adapterKernels === "gpu"
      ? { state: "ok", about, message: `${adapterName}, ${size}` }
      : { state: "ok", about, message: `${adapterName}, ${size}: Mesa's software driver, good for the tiny preset` };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { state: "failed", about, message: error.message };
  }
}

/** The other adapters of the system, and how a run gets one. */
async function otherAdapters(): Promise<Finding[]> {
  const [, ...others] = await offeredAdapters();
  return others.map(({ name }) => ({ state: "ok", about: "adapter", message: `also there: --adapter "${name}"` }));
}

/** Whether the memory is enough, in bytes. */
export function memoryFinding({ total, available }: { total: number; available: number }): Finding {
  const message = `${(available / GIB).toFixed(1)} of ${(total / GIB).toFixed(1)} GiB available`;
  return available >= MEMORY_NEEDED
    ? { state: "ok", about: "memory", message }
    : { state: "warning", about: "memory", message: `${message}: expected 1.5 GiB; close other programs` };
}

/** Whether the bytes that are free on the disk of `work` are enough. */
export function diskFinding(work: string, free: number): Finding {
  const message = `${(free / GIB).toFixed(1)} GiB free for "${work}"`;
  return free >= DISK_NEEDED
    ? { state: "ok", about: "disk", message }
    : { state: "warning", about: "disk", message: `${message}: expected 1 GiB; choose another folder by --work` };
}

function dataFolder([name, about]: readonly [name: string, about: string]): Finding {
  const folder = projectFolder("data", name);
  return existsSync(folder)
    ? { state: "ok", about: "data", message: `${folder}: ${about}` }
    : { state: "ok", about: "data", message: `${folder} is not there: ${about} is expected in it, or give --data` };
}
