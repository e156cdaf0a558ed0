import { join } from "node:path";
import type { z } from "zod";
import { UserError } from "../errors.ts";
import { freeAllIdle, memoryUse, resetPeakMemory } from "../gpu/mod.ts";
import { defineStage, type FileHandle } from "../pipeline/mod.ts";
import { Divergence, train as runTraining } from "../training/loop.ts";
import { snapshotName, stateDict } from "../training/snapshot.ts";
import { encodeSafetensors } from "../weights/safetensors.ts";
import type { testSchema, trainingSchema } from "./configuration.ts";
import { describeGiven } from "./initial_state.ts";
import { prepareTraining } from "./prepare_training.ts";
import { REPLAY_FILE, writeReplay } from "./replay_file.ts";
import { gibibytes } from "./training_memory.ts";
import { trainingParameters } from "./training_parameters.ts";

/** Self-supervised training on supervoxels (network reference, section 4). Continues from its last snapshot. */
export const train = defineStage({
  name: "train",
  version: 2,
  resumable: true,
  inputs: { images: "cases", pseudo: "cases", exclusion: "optional cases", weights: "optional file" },
  params: trainingParameters,
  outputs: { model: "model.safetensors" },
  async run({ inputs, params, output, progress, signal, warn }) {
    const { steps } = params.training;
    await writeReplay(output, inputs, params);
    const { network, optimizer, given, options } = await prepareTraining(inputs, params, warn);
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
        onEstimate: (seconds) => {
          if (seconds > LONG_SECONDS) warn(longTraining(seconds, new Date()));
        },
        onProgress: (step, note) =>
          progress(step, steps, "steps", `${note}, ${gibibytes(memoryUse().allocatedPeak)} at peak`),
      });
    } catch (error) {
      if (!(error instanceof Divergence)) throw error;
      throw new Error(`${error.message}. To see that step: deno task replay "${output}" --step ${error.step}`);
    }
    const state = await stateDict(network.parameters, network.batchesTracked);
    const made = { step: String(steps), extra: JSON.stringify(await options.trainable.readState()) };
    const model = encodeSafetensors(state, { ...options.metadata, ...made });
    await Deno.writeFile(join(output, "model.safetensors"), model);
    await Deno.remove(join(output, REPLAY_FILE)); // it holds paths, which no artifact does
    optimizer.release();
    network.release();
    freeAllIdle(); // a test needs other sizes
  },
});

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
