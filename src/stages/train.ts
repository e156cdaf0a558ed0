import { join } from "node:path";
import { z } from "zod";
import { DfdtTrainable, Network } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { augment } from "../fewshot/augment.ts";
import { drawAugmentation } from "../fewshot/augmentation_draws.ts";
import { drawEpisode, type EpisodeIndex, episodeIndex, excludedSlices, trainingPairs } from "../fewshot/episode.ts";
import { openDevice } from "../gpu/mod.ts";
import { standardize } from "../imaging/intensity.ts";
import { readNifti } from "../imaging/io/nifti.ts";
import { classNumbers } from "../imaging/label_values.ts";
import { type CaseFiles, defineStage, type FileHandle } from "../pipeline/mod.ts";
import { Random } from "../random.ts";
import { fromArray } from "../tensor/mod.ts";
import { CaseVolumes } from "../training/case_volumes.ts";
import { type PlannedEpisode, train as runTraining } from "../training/loop.ts";
import { Sgd } from "../training/optimizer.ts";
import { learningRateAt } from "../training/schedule.ts";
import { loadStateDict, snapshotName, stateDict } from "../training/snapshot.ts";
import { encodeSafetensors } from "../weights/safetensors.ts";
import { networkSchema, type testSchema, trainingSchema } from "./configuration.ts";
import { describeGiven, initialState, readGivenWeights } from "./initial_state.ts";
import { modelMetadata, preprocessingSchema } from "./model_metadata.ts";

const params = z.object({
  network: networkSchema,
  training: trainingSchema,
  seed: z.int().min(0),
  /** What the model's file says of where it comes from. */
  about: z.object({ experiment: z.string(), dataset: z.string() }),
  /** What its file says of how a raw scan is brought to it. */
  preprocessing: preprocessingSchema,
  /** Classes whose slices are left out under Setting 2; none under Setting 1. */
  excluded: z.array(z.int()),
  /** Stored label value of every class, where they are not 0, 1, 2, … */
  labelValues: z.array(z.int()).optional(),
});

/** Self-supervised training on supervoxels (network reference, section 4). Continues from its last snapshot. */
export const train = defineStage({
  name: "train",
  version: 2,
  resumable: true,
  inputs: { images: "cases", pseudo: "cases", exclusion: "optional cases", weights: "optional file" },
  params,
  outputs: { model: "model.safetensors" },
  async run({ inputs, params, output, progress, signal, warn }) {
    const { network: configuration, training, seed } = params;
    await openDevice();
    const given = inputs.weights === undefined ? undefined : await readGivenWeights(inputs.weights, configuration);
    const { volumes, index } = training.steps > 0 ? await loadCases(inputs, params, warn) : NO_CASES;
    const network = new Network(configuration);
    const thresholdBias = training.thresholdBias ?? undefined;
    const start = initialState(configuration, { seed, thresholdBias }, given);
    loadStateDict(network.parameters, start.tensors);
    network.batchesTracked = start.batchesTracked;
    if (given) {
      const { line, page } = describeGiven(given, inputs.weights!);
      await Deno.writeTextFile(join(output, "weights.md"), page);
      warn(line);
    }
    if (training.steps === 0 && given?.matched.kind !== "dfdt") warn("training.steps is 0: random weights are tested");
    const { values, gradients, active } = network.parameters;
    const { momentum, weightDecay, clipNorm } = training;
    const optimizer = new Sgd({ values, gradients, active, momentum, weightDecay, clipNorm: clipNorm || undefined });
    const schedule = {
      kind: training.schedule,
      learningRate: training.learningRate,
      steps: training.steps,
      every: training.dropEvery,
      factor: training.dropFactor,
    };
    const metadata = modelMetadata({
      ...{ about: params.about, preprocessing: params.preprocessing, configuration, training, seed },
      weights: given && { kind: given.matched.kind, sha256: given.digest },
    });
    const trainable = new DfdtTrainable(network, { seed });
    await runTraining({
      trainable,
      metadata,
      optimizer,
      learningRate: (step) => learningRateAt(schedule, step),
      steps: training.steps,
      snapshotEvery: training.snapshotEvery,
      episode: (step) => planEpisode(step, { volumes, index, training, seed }),
      dir: output,
      signal,
      onEstimate: (seconds) => {
        if (seconds > LONG_SECONDS) warn(longTraining(seconds, new Date()));
      },
      onProgress: (step, note) => progress(step, training.steps, "steps", note),
    });
    const state = await stateDict(network.parameters, network.batchesTracked);
    const progressMade = { step: String(training.steps), extra: JSON.stringify(await trainable.readState()) };
    await Deno.writeFile(
      join(output, "model.safetensors"),
      encodeSafetensors(state, { ...metadata, ...progressMade }),
    );
    optimizer.release();
    network.release();
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

interface LoadedCases {
  volumes: CaseVolumes;
  index: EpisodeIndex[];
}

/** What a run of no steps trains on. */
const NO_CASES: LoadedCases = { volumes: new CaseVolumes(0), index: [] };

async function loadCases(
  inputs: { images: CaseFiles; pseudo: CaseFiles; exclusion: CaseFiles | undefined },
  { network, training, excluded, labelValues }: z.output<typeof params>,
  warn: (message: string) => void,
): Promise<LoadedCases> {
  const side = network.image, area = side * side;
  const volumes = new CaseVolumes(side);
  const index: EpisodeIndex[] = [];
  for (const [id, path] of Object.entries(inputs.images)) {
    const volume = await readNifti(path);
    if (volume.size[0] !== side || volume.size[1] !== side) {
      throw new UserError(
        "data",
        `Cannot train on "${path}": expected slices of ${side} × ${side}, found ${volume.size.join(" × ")}`,
      );
    }
    const supervoxels = Int32Array.from((await readNifti(inputs.pseudo[id])).data);
    const labels = inputs.exclusion && classNumbers(await readNifti(inputs.exclusion[id]), labelValues);
    const left = labels ? excludedSlices(labels.data, excluded, area) : [];
    const ofCase = episodeIndex(id, supervoxels, { area, excluded: left });
    if (trainingPairs(ofCase, training.minArea).size === 0) {
      warn(`case ${id} has no two neighbouring slices with a supervoxel of ${training.minArea} pixels; it is left out`);
      continue;
    }
    volumes.add(id, { image: Float32Array.from(standardize(volume, path).data), supervoxels });
    index.push(ofCase);
  }
  if (index.length === 0) {
    throw new UserError(
      "data",
      `Cannot train: expected a case with a supervoxel of at least ${training.minArea} pixels on two neighbouring slices, found ` +
        `none among ${Object.keys(inputs.images).length}. Lower training.minArea` +
        (excluded.length > 0 ? ", or use --setting 1: Setting 2 leaves out slices that show every tested class" : ""),
    );
  }
  return { volumes, index };
}

/** The episode of a step follows from seed and step alone, so any of them can be made again. */
function planEpisode(
  step: number,
  { volumes, index, training, seed }: LoadedCases & { training: z.output<typeof trainingSchema>; seed: number },
): PlannedEpisode {
  const { case: id, supervoxel, supportSlice, querySlice } = drawEpisode(
    index,
    training.minArea,
    new Random(seed, "episode", step),
  );
  return {
    case: id,
    supervoxel,
    slices: [supportSlice, querySlice],
    load() {
      const shape = [volumes.side, volumes.side];
      const slices = {
        supportImage: fromArray(volumes.slice(id, supportSlice), shape),
        supportMask: fromArray(volumes.mask(id, supportSlice, supervoxel), shape),
        queryImage: fromArray(volumes.slice(id, querySlice), shape),
        queryMask: fromArray(volumes.mask(id, querySlice, supervoxel), shape),
      };
      return augment(slices, drawAugmentation(new Random(seed, "augmentation", step), training), training);
    },
  };
}
