import { Scope, type Tensor, toArray, toArrays, toIntegers } from "../tensor/mod.ts";
import { type GpuEpisode, type PlannedEpisode, scalarNames, type TrainingOptions } from "./loop.ts";
import { readLastSnapshot, snapshotName } from "./snapshot.ts";

/** What is known of the values of some tensors. */
export interface ValueRange {
  /** Of the tensor, or of the module that several tensors belong to. */
  name: string;
  /** L2 norm of those that are finite. */
  norm: number;
  /** Smallest finite value; 0 if there is none. */
  smallest: number;
  /** Largest finite value; 0 if there is none. */
  largest: number;
  /** Number of values that are NaN or infinite. */
  notFinite: number;
}

/** A training step made again. */
export interface ReplayedStep {
  /** Its number. */
  step: number;
  /** The snapshot that it was made from; `undefined` for the initial weights. */
  snapshot: string | undefined;
  /** What was trained on. */
  episode: Pick<PlannedEpisode, "case" | "supervoxel" | "slices">;
  /** The learning rate that the step would have gone on with. */
  learningRate: number;
  /** The augmented slices and masks. */
  inputs: ValueRange[];
  /** Losses and what else is logged, by name. */
  scalars: Record<string, number>;
  /** What the sampler drew: an index and the number it was drawn from. */
  foreground: number[] | undefined;
  /** Parameters and statistics by module, before the step. */
  parameters: ValueRange[];
  /** Gradients by module. */
  gradients: ValueRange[];
}

/** What a replay needs. */
export interface ReplayOptions
  extends Pick<TrainingOptions, "trainable" | "optimizer" | "learningRate" | "episode" | "dir"> {
  /** The step to look at. */
  step: number;
  /** Told before every step. */
  onProgress(step: number): void;
}

/**
 * Makes a step of a training again, from the last snapshot before it, and looks at its values. As every step follows from
 * the state before it and from its number alone, it is the same step to the bit. Nothing is written.
 */
export async function replayStep(options: ReplayOptions): Promise<ReplayedStep> {
  const { trainable, optimizer, learningRate, dir, step, onProgress } = options;
  const { parameters } = trainable;
  const extra = Object.keys(await trainable.readState());
  const snapshot = await readLastSnapshot(dir, parameters, optimizer, { before: step, extra });
  if (snapshot) trainable.writeState(snapshot.extra);
  for (let before = (snapshot?.step ?? 0) + 1; before < step; before++) {
    using _scope = new Scope();
    onProgress(before);
    trainable.step(options.episode(before).load(), before);
    optimizer.step(learningRate(before), before);
  }
  onProgress(step);
  using _scope = new Scope();
  const planned = options.episode(step);
  const episode = planned.load();
  const all = parameters.entries.map(({ name }) => [name, parameters.get(name)] as const);
  const inputs = await rangesOf(Object.entries(episode satisfies GpuEpisode));
  const before = await rangesOf(all, moduleOf);
  const { scalars: row, draw } = trainable.step(episode, step);
  const scalars = await toArray(row);
  const reached = all.flatMap(([name, { hasGradient, gradient }]) => hasGradient ? [[name, gradient!] as const] : []);
  return {
    step,
    snapshot: snapshot && snapshotName(snapshot.step),
    episode: { case: planned.case, supervoxel: planned.supervoxel, slices: planned.slices },
    learningRate: learningRate(step),
    inputs,
    scalars: Object.fromEntries(scalarNames(trainable).map((name, i) => [name, scalars[i]])),
    foreground: draw && [...await toIntegers(draw)],
    parameters: before,
    gradients: await rangesOf(reached, moduleOf),
  };
}

/** The part of the network that a parameter belongs to: a stage of the backbone, or the first two words of its name. */
function moduleOf(name: string): string {
  const words = name.split(".");
  return words.slice(0, name.startsWith("encoder.backbone.") ? 3 : Math.min(2, Math.max(1, words.length - 1))).join(
    ".",
  );
}

async function rangesOf(
  tensors: readonly (readonly [name: string, tensor: Tensor])[],
  group: (name: string) => string = (name) => name,
): Promise<ValueRange[]> {
  const found = new Map<string, { squares: number; smallest: number; largest: number; notFinite: number }>();
  const arrays = await toArrays(tensors.map(([, tensor]) => tensor));
  for (const [i, [name]] of tensors.entries()) {
    const key = group(name);
    let range = found.get(key);
    if (!range) found.set(key, range = { squares: 0, smallest: Infinity, largest: -Infinity, notFinite: 0 });
    for (const value of arrays[i]) {
      if (!Number.isFinite(value)) range.notFinite++;
      else {
        range.squares += value * value;
        if (value < range.smallest) range.smallest = value;
        if (value > range.largest) range.largest = value;
      }
    }
  }
  return [...found].map(([name, { squares, smallest, largest, notFinite }]) => {
    const isEmpty = smallest > largest;
    return {
      name,
      norm: Math.sqrt(squares),
      smallest: isEmpty ? 0 : smallest,
      largest: isEmpty ? 0 : largest,
      notFinite,
    };
  });
}
