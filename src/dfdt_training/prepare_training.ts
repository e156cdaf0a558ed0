import type { Network } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { augment } from "../fewshot/augment.ts";
import { drawAugmentation } from "../fewshot/augmentation_draws.ts";
import {
  drawEpisode,
  type EpisodeIndex,
  episodeIndex,
  excludedSlices,
  nothingToTrainOn,
  trainingPairs,
} from "../fewshot/episode.ts";
import { openDevice } from "../gpu/mod.ts";
import { loadStateDict } from "../nn/mod.ts";
import type { Grid } from "../imaging/geometry.ts";
import { standardize } from "../imaging/intensity.ts";
import { readNifti } from "../imaging/files/nifti_file.ts";
import { Random } from "../random.ts";
import { fromArrays } from "../tensor/mod.ts";
import { CaseVolumes } from "../training/case_volumes.ts";
import type { PlannedEpisode, TrainingOptions } from "../training/loop.ts";
import type { Optimizer } from "../training/optimizer.ts";
import { learningRateAt } from "../training/schedule.ts";
import { type GivenWeights, initialState, readGivenWeights } from "./initial_state.ts";
import { makeTraining } from "./make_training.ts";
import { modelMetadata } from "../model/model_facts.ts";
import { checkTrainingMemory } from "./training_memory.ts";
import type { TrainingInputs, TrainingParameters } from "./training_parameters.ts";

/** A training that is ready to run or to be replayed. */
export interface PreparedTraining {
  /** With its initial weights. */
  network: Network;
  /** At rest. */
  optimizer: Optimizer;
  /** The weights that it starts from; none if they are random. */
  given: GivenWeights | undefined;
  /** Where the voxels of each training case lie. */
  grids: ReadonlyMap<string, Grid>;
  /** What the training loop needs to know of both and of the data. */
  options: Pick<
    TrainingOptions,
    "trainable" | "optimizer" | "learningRate" | "steps" | "snapshotEvery" | "episode" | "metadata"
  >;
}

/**
 * Loads the cases of a training and makes its network and optimiser, as they are before the first step.
 *
 * @throws {UserError} if the data leave nothing to train on, the given weights do not fit, or memory does not suffice
 */
export async function prepareTraining(
  inputs: TrainingInputs,
  params: TrainingParameters,
  warn: (message: string) => void,
): Promise<PreparedTraining> {
  const { network: configuration, training, seed } = params;
  await openDevice();
  const given = inputs.weights === undefined ? undefined : await readGivenWeights(inputs.weights, configuration);
  await checkTrainingMemory(params);
  const { volumes, index, grids } = training.steps > 0 ? await loadCases(inputs, params, warn) : NO_CASES;
  const { network, optimizer, trainable } = makeTraining(params);
  const start = initialState(configuration, { seed, thresholdBias: training.thresholdBias ?? undefined }, given);
  loadStateDict(network.parameters, start.tensors);
  network.batchesTracked = start.batchesTracked;
  const schedule = {
    kind: training.schedule,
    learningRate: training.learningRate,
    steps: training.steps,
    every: training.dropEvery,
    factor: training.dropFactor,
    warmUpSteps: training.warmUpSteps,
  };
  const metadata = modelMetadata({
    ...{ about: params.about, recipe: params.recipe, classes: params.classes, configuration, training, seed },
    weights: given && { kind: given.matched.kind, sha256: given.digest },
  });
  const options = {
    trainable,
    optimizer,
    metadata,
    learningRate: (step: number) => learningRateAt(schedule, step),
    steps: training.steps,
    snapshotEvery: training.snapshotEvery,
    episode: (step: number) => planEpisode(step, { volumes, index, grids, training, seed }),
  };
  return { network, optimizer, given, grids, options };
}

interface LoadedCases {
  volumes: CaseVolumes;
  index: EpisodeIndex[];
  /** Where the voxels of each case lie. */
  grids: Map<string, Grid>;
}

/** What a run of no steps trains on. */
const NO_CASES: LoadedCases = { volumes: new CaseVolumes(0), index: [], grids: new Map() };

async function loadCases(
  inputs: TrainingInputs,
  { network, training, excluded, singleSlices: allowsSingle }: TrainingParameters,
  warn: (message: string) => void,
): Promise<LoadedCases> {
  const side = network.image, area = side * side;
  const volumes = new CaseVolumes(side);
  const index: EpisodeIndex[] = [], grids = new Map<string, Grid>();
  for (const [id, path] of Object.entries(inputs.images)) {
    const volume = await readNifti(path);
    if (volume.size[0] !== side || volume.size[1] !== side) {
      throw new UserError(
        "data",
        `Cannot train on "${path}": expected slices of ${side} × ${side}, found ${volume.size.join(" × ")}`,
      );
    }
    const supervoxels = Int32Array.from((await readNifti(inputs.pseudo[id])).data);
    const labels = inputs.exclusion && await readNifti(inputs.exclusion[id]);
    const left = labels ? excludedSlices(labels.data, excluded, area) : [];
    const ofCase = episodeIndex(id, supervoxels, { area, excluded: left, allowsSingle });
    if (trainingPairs(ofCase, training.minArea).size === 0) {
      warn(
        `case ${id} has no ${
          ofCase.single ? "supervoxel" : "two neighbouring slices with a supervoxel"
        } of ${training.minArea} pixels; it is left out`,
      );
      continue;
    }
    volumes.add(id, { image: Float32Array.from(standardize(volume, path).data), supervoxels });
    index.push(ofCase);
    grids.set(id, { size: volume.size, spacing: volume.spacing, affine: volume.affine });
  }
  if (index.length === 0) {
    const cases = Object.keys(inputs.images).length;
    throw new UserError(
      "data",
      nothingToTrainOn({ minArea: training.minArea, cases, isSetting2: excluded.length > 0 }),
    );
  }
  return { volumes, index, grids };
}

/** The episode of a step follows from seed and step alone, so any of them can be made again. */
function planEpisode(
  step: number,
  { volumes, index, training, seed }: LoadedCases & { training: TrainingParameters["training"]; seed: number },
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
      const [supportImage, supportMask, queryImage, queryMask] = fromArrays([
        volumes.slice(id, supportSlice),
        volumes.mask(id, supportSlice, supervoxel),
        volumes.slice(id, querySlice),
        volumes.mask(id, querySlice, supervoxel),
      ], [volumes.side, volumes.side]);
      const slices = { supportImage, supportMask, queryImage, queryMask };
      return augment(slices, drawAugmentation(new Random(seed, "augmentation", step), training), training);
    },
  };
}
