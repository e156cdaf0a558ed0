import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { DfdtTrainable, initialWeights, Network } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { augment } from "../fewshot/augment.ts";
import { drawAugmentation } from "../fewshot/augmentation_draws.ts";
import { drawEpisode, type EpisodeIndex, episodeIndex, excludedSlices, trainingPairs } from "../fewshot/episode.ts";
import { openDevice } from "../gpu/mod.ts";
import { standardize } from "../imaging/intensity.ts";
import { readNifti } from "../imaging/io/nifti.ts";
import { type CaseFiles, defineStage, type FileHandle } from "../pipeline/mod.ts";
import { Random } from "../random.ts";
import { fromArray } from "../tensor/mod.ts";
import { CaseVolumes } from "../training/case_volumes.ts";
import { Divergence, type PlannedEpisode, train as runTraining, type TrainingOptions } from "../training/loop.ts";
import { AdamW, type Optimizer, Sgd } from "../training/optimizer.ts";
import { learningRateAt } from "../training/schedule.ts";
import { loadStateDict, snapshotName, stateDict } from "../training/snapshot.ts";
import { encodeSafetensors, type StoredTensor } from "../weights/safetensors.ts";
import { networkSchema, type testSchema, trainingSchema } from "./configuration.ts";

const params = z.object({
  network: networkSchema,
  training: trainingSchema,
  seed: z.int().min(0),
  /** Classes whose slices are left out under Setting 2; none under Setting 1. */
  excluded: z.array(z.int()),
});

type TrainingParameters = z.output<typeof params>;

/** Files of its inputs, as a stage gets them. */
interface TrainingInputs {
  images: CaseFiles;
  pseudo: CaseFiles;
  exclusion: CaseFiles | undefined;
}

/** Self-supervised training on supervoxels (network reference, section 4). Continues from its last snapshot. */
export const train = defineStage({
  name: "train",
  version: 2,
  resumable: true,
  inputs: { images: "cases", pseudo: "cases", exclusion: "optional cases" },
  params,
  outputs: { model: "model.safetensors" },
  async run({ inputs, params, output, progress, signal, warn }) {
    const { network: configuration, training, seed } = params;
    await writeReplay(output, inputs, params);
    const { network, optimizer, options } = await prepareTraining(inputs, params, warn);
    try {
      await runTraining({
        ...options,
        dir: output,
        signal,
        onEstimate: (seconds) => {
          if (seconds > LONG_SECONDS) warn(longTraining(seconds, new Date()));
        },
        onProgress: (step, note) => progress(step, training.steps, "steps", note),
      });
    } catch (error) {
      if (!(error instanceof Divergence)) throw error;
      throw new Error(`${error.message}. To see that step: deno task replay "${output}" --step ${error.step}`);
    }
    const metadata = {
      format: "dfdt-model/1",
      configuration: JSON.stringify(configuration),
      training: JSON.stringify(training),
      seed: String(seed),
      step: String(training.steps),
    };
    const state = await stateDict(network.parameters, network.batchesTracked);
    await Deno.writeFile(join(output, "model.safetensors"), encodeSafetensors(state, metadata));
    await Deno.remove(join(output, REPLAY_FILE)); // it holds paths, which no artifact does
    optimizer.release();
    network.release();
  },
});

/** A training that is ready to run or to be replayed. */
interface PreparedTraining {
  /** With its initial weights. */
  network: Network;
  /** At rest. */
  optimizer: Optimizer;
  /** What the training loop needs to know of both and of the data. */
  options: Pick<TrainingOptions, "trainable" | "optimizer" | "learningRate" | "steps" | "snapshotEvery" | "episode">;
}

/** Loads the cases of a training and makes its network and optimiser, as they are before the first step. */
export async function prepareTraining(
  inputs: TrainingInputs,
  params: TrainingParameters,
  warn: (message: string) => void,
): Promise<PreparedTraining> {
  const { network: configuration, training, seed } = params;
  await openDevice();
  const { volumes, index } = await loadCases(inputs, params, warn);
  const network = new Network(configuration);
  const thresholdBias = training.thresholdBias ?? undefined;
  const start = new Map<string, StoredTensor>();
  for (const [name, data] of initialWeights(configuration, { seed, thresholdBias })) {
    const { shape } = network.parameters.entries.find((entry) => entry.name === name)!;
    start.set(name, { dtype: "F32", shape, data });
  }
  loadStateDict(network.parameters, start);
  const optimizer = makeOptimizer(network, training);
  const schedule = {
    kind: training.schedule,
    learningRate: training.learningRate,
    steps: training.steps,
    every: training.dropEvery,
    factor: training.dropFactor,
    warmUpSteps: training.warmUpSteps,
  };
  const options = {
    trainable: new DfdtTrainable(network, { seed, freezeBatchNorm: training.freezeBatchNorm }),
    optimizer,
    learningRate: (step: number) => learningRateAt(schedule, step),
    steps: training.steps,
    snapshotEvery: training.snapshotEvery,
    episode: (step: number) => planEpisode(step, { volumes, index, training, seed }),
  };
  return { network, optimizer, options };
}

function makeOptimizer(
  { parameters: { values, gradients, active } }: Network,
  { optimizer, momentum, betas, epsilon, weightDecay, clipNorm }: TrainingParameters["training"],
): Optimizer {
  const common = { values, gradients, active, weightDecay, clipNorm: clipNorm || undefined };
  return optimizer === "adamw" ? new AdamW({ ...common, betas, epsilon }) : new Sgd({ ...common, momentum });
}

/** In the folder of an unfinished training: what it was started with. */
const REPLAY_FILE = "replay.json";

type Paths = string | { [id: string]: Paths };

function mapPaths(paths: Paths, change: (path: string) => string): Paths {
  if (typeof paths === "string") return change(paths);
  return Object.fromEntries(Object.entries(paths).map(([id, inner]) => [id, mapPaths(inner, change)]));
}

/** Keeps what a training was started with, the paths relative to its folder, so that its steps can be made again. */
async function writeReplay(dir: string, inputs: TrainingInputs, params: TrainingParameters): Promise<void> {
  const given = JSON.parse(JSON.stringify(inputs)) as Paths; // without those that are undefined
  const paths = mapPaths(given, (path) => relative(resolve(dir), resolve(path)));
  await Deno.writeTextFile(join(dir, REPLAY_FILE), JSON.stringify({ inputs: paths, params }, undefined, 1) + "\n");
}

/**
 * Reads what an unfinished training was started with.
 *
 * @throws {UserError} if the folder is not that of one
 */
export async function readReplay(dir: string): Promise<{ inputs: TrainingInputs; params: TrainingParameters }> {
  const path = join(dir, REPLAY_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch {
    throw new UserError(
      "usage",
      `Cannot replay "${dir}": expected the folder of a training that is not finished, WORK/EXPERIMENT/train/KEY.partial, ` +
        `found no "${REPLAY_FILE}" in it`,
    );
  }
  const { inputs, params: stored } = JSON.parse(text);
  const paths = mapPaths(inputs, (path) => resolve(dir, path)) as unknown as TrainingInputs;
  return { inputs: paths, params: params.parse(stored) };
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
  if (snapshot === "last" || snapshot === steps) return model;
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

async function loadCases(
  inputs: TrainingInputs,
  { network, training, excluded }: TrainingParameters,
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
    const left = inputs.exclusion ? excludedSlices((await readNifti(inputs.exclusion[id])).data, excluded, area) : [];
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
        `none among ${Object.keys(inputs.images).length}. Lower training.minArea`,
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
