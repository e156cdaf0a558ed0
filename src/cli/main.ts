import { Command } from "@commander-js/extra-typings";
import process from "node:process";
import { UserError } from "../errors.ts";
import { type DeviceError, forceKernelSet, keepTilesIn, type KernelSet, tellDeviceFaults } from "../gpu/mod.ts";
import { endingOf } from "./endings.ts";
import { examplesHelp } from "./examples.ts";
import type { Task } from "./task.ts";
import { cacheDirectory, tileStoreIn } from "./tile_store.ts";
import { enterUserFolder, IS_PACKAGE } from "./user_folder.ts";
import { wholeNumber } from "./whole_number.ts";
import denoJson from "../../deno.json" with { type: "json" };

/** All tasks, in the order of the help. Each file exports `command()`, and is loaded only when its task runs. */
const ALL_TASKS: Readonly<Record<string, Task>> = {
  pipeline: { about: "from raw scans to scores", load: () => import("./pipeline.ts") as Promise<never> },
  phantom: { about: "writes a synthetic cohort in a raw layout", load: () => import("./phantom.ts") as Promise<never> },
  verify: {
    about: "lists what is wrong with raw data, case by case",
    load: () => import("./verify.ts") as Promise<never>,
  },
  segment: {
    about: "masks of your own scans from one labelled slice",
    load: () => import("./segment.ts") as Promise<never>,
  },
  report: {
    about: "the page of a run, or of several side by side",
    load: () => import("./report.ts") as Promise<never>,
  },
  watch: {
    about: "a page that follows a running, finished or killed run",
    load: () => import("./watch.ts") as Promise<never>,
  },
  page: {
    ofProject: true,
    about: "the browser page: a mask from one painted slice",
    load: () => import("./page.ts") as Promise<never>,
  },
  parity: { about: "replays reference fixtures", load: () => import("./parity.ts") as Promise<never> },
  inspect: { about: "what a model or artifact is", load: () => import("./inspect.ts") as Promise<never> },
  export: { about: "a model with the published names", load: () => import("./export.ts") as Promise<never> },
  replay: { about: "makes a step of a stopped training again", load: () => import("./replay.ts") as Promise<never> },
  bench: { ofProject: true, about: "benchmarks, beside peers", load: () => import("./bench.ts") as Promise<never> },
  status: {
    about: "what runs where, here and in Slurm, and how far it is",
    load: () => import("./status.ts") as Promise<never>,
  },
  fuzz: {
    ofProject: true,
    about: "has mutated files read by every reader",
    load: () => import("./fuzz.ts") as Promise<never>,
  },
  clean: { about: "removes what no run has needed for a while", load: () => import("./clean.ts") as Promise<never> },
  doctor: { about: "adapter, driver, memory, disk, data folders", load: () => import("./doctor.ts") as Promise<never> },
  completions: {
    about: "completions for bash, zsh and fish",
    load: () => import("./completions.ts") as Promise<never>,
  },
  package: {
    ofProject: true,
    about: "builds the npm package, a tarball",
    load: () => import("./package.ts") as Promise<never>,
  },
  test: { ofProject: true, about: "runs the test suite", load: () => import("./test.ts") as Promise<never> },
  check: {
    ofProject: true,
    about: "formatting, lint, types, docs lint, imports",
    load: () => import("./check.ts") as Promise<never>,
  },
};

/** The tasks that there are: the npm package, of which all modules are JavaScript, has none that need the project's own files. */
export const TASKS: Readonly<Record<string, Task>> = Object.fromEntries(
  Object.entries(ALL_TASKS).filter(([, { ofProject }]) => !(ofProject && IS_PACKAGE)),
);

/**
 * Runs a task and returns its exit code: 0 done, 1 failed, 2 bad usage or input, 3 no adapter, 130 interrupted.
 *
 * @param args the task's name and its arguments
 */
export async function main(args: readonly string[]): Promise<number> {
  // Deno otherwise falls back silently to an OpenGL adapter with fewer features.
  if (Deno.build.os === "linux" && !Deno.env.has("DENO_WEBGPU_BACKEND")) Deno.env.set("DENO_WEBGPU_BACKEND", "vulkan");
  const program = new Command("dfdt").description("Few-shot segmentation of medical images with DFDT")
    .version(denoJson.version);
  for (const [name, { about }] of Object.entries(TASKS)) {
    if (name !== args[0]) program.command(name).description(about);
  }
  try {
    enterUserFolder();
    const task = TASKS[args[0]];
    if (task) {
      const command = await (await task.load()).command(args.slice(1), TASKS);
      program.addCommand(command.addHelpText("after", examplesHelp(args[0])));
    }
    for (const command of [program, ...program.commands]) command.exitOverride().showSuggestionAfterError();
    forceKernelSet(wantedKernels());
    tellDeviceFaults(endWith, { patience: patience() });
    keepTilesIn(tileStoreIn(cacheDirectory(Deno.env.toObject(), Deno.build.os)));
    await program.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return await report(error, args.includes("--json"));
  }
}

/** The kernel set that `DFDT_KERNELS` names; the adapter decides unless it is set. */
function wantedKernels(): KernelSet | undefined {
  const wanted = Deno.env.get("DFDT_KERNELS");
  if (!wanted) return undefined;
  if (wanted === "gpu" || wanted === "llvmpipe") return wanted;
  throw new UserError("usage", `Unknown DFDT_KERNELS "${wanted}": expected "gpu" or "llvmpipe"`);
}

/** Minutes after which an adapter that does not answer is given up. */
function patience(): number | undefined {
  const text = Deno.env.get("DFDT_PATIENCE_MINUTES");
  if (!text) return undefined;
  return wholeNumber(text, "DFDT_PATIENCE_MINUTES", [1, 10_000]);
}

/** Ends the process where the adapter failed under it: nobody is there to catch that. */
function endWith({ message }: DeviceError): void {
  if (Deno.args.includes("--json")) {
    console.log(JSON.stringify({ time: new Date().toISOString(), event: "error", message, exitCode: 1 }));
  }
  console.error(message);
  Deno.exit(1);
}

/** Tells how a task ended; with `--json` on standard output, too. */
async function report(error: unknown, json: boolean): Promise<number> {
  const isCommander = error instanceof Error && "exitCode" in error && "code" in error && !(error instanceof UserError);
  if (isCommander && error.exitCode === 0) return 0; // help or version was asked for
  const { message, exitCode } = isCommander ? { message: error.message, exitCode: 2 } : await endingOf(error);
  if (json) console.log(JSON.stringify({ time: new Date().toISOString(), event: "error", message, exitCode }));
  if (isCommander) return exitCode; // commander has printed what is wrong
  if (exitCode !== 1) console.error(message);
  else if (Deno.env.has("DFDT_DEBUG")) console.error(error);
  else console.error(`Failed: ${message}\nDFDT_DEBUG=1 shows where`);
  return exitCode;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
