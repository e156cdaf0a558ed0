import type { Episode } from "../episode.ts";
import { copy, finished, prewarm, settlePools } from "../gpu/mod.ts";
import type { Parameters } from "../nn/mod.ts";
import { persist, Scope, type Tensor, toArray, zeros } from "../tensor/mod.ts";
import { EpisodePictures, type EpisodeSlices } from "./episode_pictures.ts";
import { type Growth, MemoryGrowth } from "./memory_growth.ts";
import { MetricsLog } from "./metrics_log.ts";
import type { Optimizer } from "./optimizer.ts";
import { dropSnapshots, readLastSnapshot, snapshotName, writeSnapshot } from "./snapshot.ts";

/** The slices of an episode on the GPU, each `[H, W]`. */
export type GpuEpisode = Episode<Tensor>;

/** A network as a function of an episode. */
export interface Trainable {
  /** Its state. */
  readonly parameters: Parameters;
  /**
   * What is known of a step, in the order of a line of the log: the scalars of {@link step}, and among them what the loop measures
   * itself, {@link OWN_MEASURES}. `tag` is the name in TensorBoard.
   */
  readonly measures: readonly { name: string; tag?: string }[];
  /** What people are shown of a step, given its line of the log. */
  summary(line: Readonly<Record<string, number>>): string;
  /**
   * Forward and backward of an episode; `draw` is what a sampler drew: an index and the number it was drawn from, i32 `[2]`;
   * `prediction` the foreground probability of every pixel of the query, for pictures.
   */
  step(episode: GpuEpisode, step: number): { scalars: Tensor; draw?: Tensor; prediction?: Tensor };
  /** State that is no tensor of the state_dict. */
  readState(): Promise<Record<string, number>>;
  /** Puts such a state back. */
  writeState(state: Record<string, number>): void;
}

/** An episode before it is on the GPU. */
export interface PlannedEpisode {
  /** Id of the case. */
  case: string;
  /** Label of the supervoxel. */
  supervoxel: number;
  /** Support and query slice. */
  slices: [support: number, query: number];
  /** Puts it on the GPU, augmented. */
  load(): GpuEpisode;
}

/** What a training run needs. */
export interface TrainingOptions {
  /** The network. */
  trainable: Trainable;
  /** Its optimiser. */
  optimizer: Optimizer;
  /** Learning rate of a step, counted from 1. */
  learningRate(step: number): number;
  /** Steps of the whole run. */
  steps: number;
  /** Steps between snapshots. */
  snapshotEvery: number;
  /** The episode of a step; it depends on nothing but the step. */
  episode(step: number): PlannedEpisode;
  /** What snapshots say of themselves. */
  metadata?: Readonly<Record<string, string>>;
  /** Folder of snapshots and log; a run continues from the last snapshot in it. */
  dir: string;
  /** Stops the run after the current step. */
  signal: AbortSignal;
  /** Pictures on the way. */
  pictures?: {
    /** Side of a slice in pixels. */
    side: number;
    /** Whether there is to be one of a step. */
    isDue(step: number): boolean;
    /** Writes the picture of a step, whose episode is of a case; returns its path within {@link dir}. */
    write(step: number, id: string, slices: EpisodeSlices): Promise<string>;
  };
  /** Told after every step that was read back. */
  onProgress(step: number, note: string): void;
  /** Told once, after the first steps, how long the rest will take. */
  onEstimate(seconds: number): void;
  /** Told once, if the process takes more memory with every step. */
  onGrowth(growth: Growth): Promise<void>;
}

/** A row of scalars ends with a draw: two integers, as their bits. */
const DRAW = 2;

/** A training that has left the finite numbers. */
export class Divergence extends Error {
  /** @param step whose values are the first that are not finite */
  constructor(readonly step: number, message: string) {
    super(message);
  }
}

/** A training that was asked to stop, and is kept up to a step. */
export class Stopped extends Error {
  /** @param step the last one done, of which there is a snapshot */
  constructor(readonly step: number) {
    super(`Stopped after step ${step}`);
  }
}

/** Most steps whose scalars are read back together, in one wait; of slow steps there are fewer, so that people see something. */
const STEPS_PER_READ = 10, READ_EVERY_MS = 10_000;

/** Steps after which the time of the rest is estimated. */
const STEPS_OF_ESTIMATE = 3;

/**
 * Trains, from the last snapshot if there is one, and ends with the bytes of an undisturbed run. Nothing is read back inside
 * of a step. Where `signal` stops it, it leaves a snapshot of the step that it has reached, which is removed at the end.
 *
 * @throws {Divergence} if a logged value is not finite; it names the step, its episode and the last good snapshot
 * @throws {Stopped} if `signal` stopped it
 */
export async function train(options: TrainingOptions): Promise<void> {
  const { trainable, optimizer, steps, snapshotEvery, dir, signal } = options;
  const extra = Object.keys(await trainable.readState());
  const snapshot = await readLastSnapshot(dir, trainable.parameters, optimizer, { extra });
  if (snapshot) trainable.writeState(snapshot.extra);
  const start = snapshot?.step ?? 0;
  const log = new MetricsLog(dir, trainable.measures);
  await log.cutBack(start);
  const isKept = (step: number) => step % snapshotEvery === 0 || step === steps;
  if (start >= steps) return await dropSnapshots(dir, isKept);

  const names = [...scalarNames(trainable), "gradientNorm"];
  const width = names.length + DRAW;
  const scalars = persist(zeros([STEPS_PER_READ, width]));
  using kept = options.pictures && new EpisodePictures(options.pictures.side);
  const state = await trainable.readState();
  await prewarm(() => runStep(options, start + 1, { scalars, row: 0, kept }));
  trainable.writeState(state); // the host's part of the state; the dry run left the GPU's alone

  // a snapshot is copied from the adapter, put together and written: three times its bytes
  const stateBytes = [trainable.parameters.values, ...optimizer.state.values()].reduce((n, x) => n + x.byteSize, 0);
  const memory = new MemoryGrowth(start, 3 * stateBytes);
  let waiting: { episode: PlannedEpisode; step: number }[] = [];
  let clock = performance.now(), together = 1, picture = "";
  try {
    for (let step = start + 1; step <= steps; step++) {
      const isShown = options.pictures?.isDue(step) ?? false;
      const episode = runStep(options, step, { scalars, row: waiting.length, kept: isShown ? kept : undefined });
      waiting.push({ episode, step });
      const isSnapshot = isKept(step);
      if (waiting.length < together && !isSnapshot && !isShown && !signal.aborted) continue;
      const values = await toArray(scalars);
      const now = performance.now();
      const milliseconds = Math.round((now - clock) / waiting.length);
      clock = now;
      together = Math.min(STEPS_PER_READ, Math.max(1, Math.round(READ_EVERY_MS / Math.max(milliseconds, 1))));
      const lines = waiting.map((entry, i) => {
        const row = values.subarray(i * width, (i + 1) * width);
        return lineOf(entry, { measures: trainable.measures, names }, row, {
          learningRate: options.learningRate(entry.step),
          milliseconds,
        });
      });
      const faulty = lines.findIndex((line) => notFinite(line) !== undefined);
      await log.append(faulty < 0 ? lines : lines.slice(0, faulty));
      if (faulty >= 0) {
        const found = `${notFinite(lines[faulty])} at`;
        throw divergence(lines[faulty], found, { done: step - waiting.length, snapshotEvery });
      }
      if (isShown) picture = `, ${await options.pictures!.write(step, episode.case, await kept!.read())}`;
      const isEstimate = step - start >= STEPS_OF_ESTIMATE && step - start - waiting.length < STEPS_OF_ESTIMATE;
      if (isEstimate) options.onEstimate((steps - step) * milliseconds / 1000);
      waiting = [];
      const growth = memory.update(step, Deno.memoryUsage().rss);
      if (growth) await options.onGrowth(growth);
      const last = lines[lines.length - 1] as Record<string, number>;
      options.onProgress(step, `loss ${last.total.toFixed(3)}, Dice ${last.episodeDice.toFixed(2)}${picture}`);
      if (isSnapshot || signal.aborted) {
        await log.flush();
        const state = { step, extra: await trainable.readState(), metadata: options.metadata };
        const bad = await writeSnapshot(dir, trainable.parameters, optimizer, state);
        if (bad) throw divergence(last, `others in "${bad}" after`, { done: step - 1, snapshotEvery });
        clock = performance.now();
      }
      if (signal.aborted && step < steps) throw new Stopped(step);
      if (isSnapshot) await dropSnapshots(dir, isKept);
    }
  } finally {
    scalars.release();
    await finished();
  }
}

function runStep(
  { trainable, optimizer, learningRate, episode }: TrainingOptions,
  step: number,
  { scalars, row, kept }: { scalars: Tensor; row: number; kept?: EpisodePictures },
) {
  settlePools();
  using _scope = new Scope();
  const planned = episode(step);
  const slices = planned.load();
  const result = trainable.step(slices, step);
  if (result.prediction) kept?.keep(slices, result.prediction);
  optimizer.step(learningRate(step), step);
  const width = scalars.shape[1];
  const count = scalarNames(trainable).length;
  copy(result.scalars, scalars.view([count], row * width));
  copy(optimizer.gradientNorm, scalars.view([1], row * width + count));
  if (result.draw) copy(result.draw, scalars.view([DRAW], (row + 1) * width - DRAW));
  return planned;
}

/** What the loop measures of a step itself. */
const OWN_MEASURES: readonly string[] = ["learningRate", "gradientNorm", "milliseconds"];

/**
 * Names of the scalars of a step, in their order.
 *
 * @throws {Error} if the trainable has no place for what the loop measures, which would vanish without a word
 */
export function scalarNames({ measures }: Pick<Trainable, "measures">): string[] {
  const names = measures.map(({ name }) => name);
  const missing = OWN_MEASURES.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new Error(`Cannot log training: expected ${missing.join(", ")} among its measures, found none`);
  }
  return names.filter((name) => !OWN_MEASURES.includes(name));
}

/** @param values of the scalars and of the gradient norm, in the order of `names`, then the draw */
function lineOf(
  { episode, step }: { episode: PlannedEpisode; step: number },
  { measures, names }: { measures: Trainable["measures"]; names: readonly string[] },
  values: Float32Array,
  rest: { learningRate: number; milliseconds: number },
): Record<string, unknown> {
  const all: Record<string, number> = { ...rest };
  for (const [i, name] of names.entries()) all[name] = Number(values[i].toPrecision(7));
  const { case: id, supervoxel, slices } = episode;
  const [index, count] = new Int32Array(values.slice(-DRAW).buffer);
  const foreground = count > 0 ? [index, count] : undefined;
  return {
    step,
    case: id,
    supervoxel,
    slices,
    ...Object.fromEntries(measures.map(({ name }) => [name, all[name]])),
    foreground,
  };
}

function notFinite(line: Record<string, unknown>): string | undefined {
  const found = Object.entries(line).find(([, value]) => typeof value === "number" && !Number.isFinite(value));
  return found && found.join(" ");
}

/**
 * @param found what is not finite
 * @param options `done`: steps before those that were read together; the last snapshot is at or before them
 */
function divergence(
  line: Record<string, unknown>,
  found: string,
  { done, snapshotEvery }: { done: number; snapshotEvery: number },
): Divergence {
  const snapshot = done - done % snapshotEvery;
  return new Divergence(
    Number(line.step),
    `Cannot go on with training: expected finite values, found ${found} step ${line.step} ` +
      `(case "${line.case}", supervoxel ${line.supervoxel}, slices ${line.slices}). ` +
      `The last good snapshot is ${snapshot > 0 ? `"${snapshotName(snapshot)}"` : "none"}; lower the learning rate`,
  );
}
