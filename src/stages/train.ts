import { join } from "node:path";
import type { z } from "zod";
import { remove, writeFile } from "../disk.ts";
import { UserError } from "../errors.ts";
import { freeAllIdle, gpu, liveObjects, memoryUse, resetPeakMemory } from "../gpu/mod.ts";
import { availableMemory } from "../available_memory.ts";
import { defineStage, type FileHandle, Interrupted } from "../pipeline/mod.ts";
import { saveModel } from "../model/model.ts";
import { Divergence, Stopped, train as runTraining } from "../training/loop.ts";
import type { Growth } from "../training/memory_growth.ts";
import { lastSnapshotStep, snapshotName } from "../training/snapshot.ts";
import type { testSchema, trainingSchema } from "../dfdt_training/configuration.ts";
import { EPISODE_FOLDER, episodeSheets } from "../dfdt_training/episode_sheets.ts";
import { describeGiven } from "../dfdt_training/initial_state.ts";
import { prepareTraining } from "../dfdt_training/prepare_training.ts";
import { REPLAY_FILE, writeReplay } from "../dfdt_training/replay_file.ts";
import { gibibytes, trainingMemory } from "../dfdt_training/training_memory.ts";
import { trainingParameters } from "../dfdt_training/training_parameters.ts";

/** Self-supervised training on supervoxels (docs/reference/network.md, 4). Continues from its last snapshot. */
export const train = defineStage({
  name: "train",
  version: 5,
  resumable: true,
  async resumesAt(output) {
    const step = await lastSnapshotStep(output);
    return step === undefined ? undefined : `step ${step}`;
  },
  usesAdapter: true,
  adapterBytes: trainingMemory,
  pictures: `${EPISODE_FOLDER}/*.png`,
  inputs: { images: "cases", pseudo: "cases", exclusion: "optional cases", weights: "optional file" },
  params: trainingParameters,
  outputs: { model: "model.safetensors" },
  async run({ inputs, params, output, progress, signal, warn, conclude }) {
    const { steps } = params.training;
    await writeReplay(output, inputs, params);
    const { network, optimizer, given, grids, options } = await prepareTraining(inputs, params, warn);
    if (given) {
      const { line, page } = describeGiven(given, inputs.weights!);
      await Deno.writeTextFile(join(output, "weights.md"), page);
      warn(line);
    }
    if (steps === 0 && given?.matched.kind !== "dfdt") warn("training.steps is 0: random weights are tested");
    resetPeakMemory();
    try {
      await runTraining({
        ...options,
        dir: output,
        signal,
        pictures: episodeSheets(output, { steps, side: params.network.image, grids }),
        onEstimate: (seconds) => {
          if (seconds > LONG_SECONDS) warn(longTraining(seconds, new Date()));
        },
        onGrowth: async (growth) => warn(growingMemory(growth, await availableMemory())),
        onProgress: (step, note) => progress(step, steps, "steps", `${note}, ${memory()}`),
      });
    } catch (error) {
      if (error instanceof Stopped) throw new Interrupted(`kept up to step ${error.step} of ${steps}`);
      if (!(error instanceof Divergence)) throw error;
      throw new Error(`${error.message}. To see that step: ./dfdt replay "${output}" --step ${error.step}`);
    }
    const made = { step: String(steps), extra: JSON.stringify(await options.trainable.readState()) };
    const model = { network, metadata: { ...options.metadata, ...made } };
    await writeFile(join(output, "model.safetensors"), await saveModel(model));
    await remove(join(output, REPLAY_FILE)); // it holds paths, which no artifact does
    conclude(`${memory()}; ${objects()}`);
    optimizer[Symbol.dispose]();
    network[Symbol.dispose]();
    freeAllIdle(); // a test needs other sizes
  },
});

/** What the process takes, and the adapter of it or of its own: a driver in software works in the process's memory. */
function memory(): string {
  const peak = gibibytes(memoryUse().allocatedPeak);
  const counted = Deno.env.has("DFDT_DEBUG") ? ` (${objects()})` : "";
  return `memory ${gibibytes(Deno.memoryUsage().rss)}, tensors ${peak}${counted}`;
}

function objects(): string {
  const { buffers, textures, bindGroups, pipelines, encoders } = liveObjects();
  return `alive: ${buffers} buffers, ${textures} textures, ${bindGroups} bind groups, ${pipelines} pipelines, ` +
    `${encoders} encoders`;
}

/** What a user is told of a process that grows with every step, where so many bytes are left. */
export function growingMemory({ bytesPerStep, from, to }: Growth, available: number): string {
  const end = to.step + Math.floor(available / bytesPerStep);
  return `memory grows by ${(bytesPerStep / 2 ** 20).toFixed(2)} MiB a step (${gibibytes(from.resident)} at step ` +
    `${from.step}, ${gibibytes(to.resident)} at step ${to.step}): the machine's ends at about step ${end}. ` +
    `"${gpu().adapterName}" keeps something of every step; another version of its driver may not. Nothing is lost if the ` +
    "system ends the run: the same command goes on from the last snapshot";
}

/** A training that takes longer is announced as such. */
const LONG_SECONDS = 24 * 3600;

/** What a user is told of a training that takes days. */
export function longTraining(seconds: number, now: Date): string {
  const end = new Date(now.getTime() + seconds * 1000).toISOString().slice(0, 10);
  return `training will take ${(seconds / LONG_SECONDS).toFixed(1)} days on this adapter and end on ${end}; ` +
    "--preset laptop and --preset tiny are smaller. It goes on, and can be interrupted at any time";
}

/**
 * The model after the last step, or the snapshot of a step.
 *
 * @throws {UserError} if training writes no snapshot at that step
 */
export function snapshotOf(
  model: FileHandle,
  snapshot: z.output<typeof testSchema>["snapshot"],
  { steps, snapshotEvery }: Pick<z.output<typeof trainingSchema>, "steps" | "snapshotEvery">,
): FileHandle {
  if (snapshot === "last" || snapshot === steps || steps === 0) return model; // nothing trained: what was given
  if (snapshot > steps || snapshot % snapshotEvery !== 0) {
    throw new UserError(
      "usage",
      `Cannot test the snapshot of step ${snapshot}: expected one of the ${steps} steps, every ${snapshotEvery}th of which ` +
        "is kept. Add --set test.snapshot=last or another step",
    );
  }
  return { ...model, file: `snapshots/${snapshotName(snapshot)}` };
}
