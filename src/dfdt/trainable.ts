import { rowOfNumbers, sumOfNumbers } from "../../kernels/mod.ts";
import type { Episode } from "../episode.ts";
import type { DropPath } from "../nn/mod.ts";
import { Random } from "../random.ts";
import { differentiate, fromArray, type Tensor, withoutGradient } from "../tensor/mod.ts";
import { quirksOf } from "./configuration.ts";
import { LOSS_NAMES } from "./losses.ts";
import type { Network } from "./network.ts";

/** Probability with which a residual branch of the second Swin block is dropped (docs/reference/network.md, 4.2). */
const DROP_PATH = 0.1;

/**
 * What is known of a step, in the order of a line of the log, each with its tag in TensorBoard: the one list. What the training
 * loop measures itself stands among the scalars of {@link DfdtTrainable.step}; the time differs between equal runs and has no tag.
 */
export const MEASURES: readonly { name: string; tag?: string }[] = [
  ...[...LOSS_NAMES, "total"].map((name) => ({ name, tag: `loss/${name}` })),
  { name: "learningRate", tag: "optimizer/learningRate" },
  { name: "gradientNorm", tag: "optimizer/gradientNorm" },
  { name: "threshold", tag: "threshold/support" },
  { name: "milliseconds" },
  { name: "episodeDice", tag: "episode/dice" },
  { name: "queryThreshold", tag: "threshold/query" },
];

/** How a network is trained. */
export interface TrainableOptions {
  /** Names the random streams of the run. */
  seed: number;
  /** Off in the reference's fixtures. */
  dropPath?: boolean;
  /** Batch norms use and keep their running statistics; published false. */
  freezeBatchNorm?: boolean;
}

/** A network as the training loop sees it: a function of an episode that leaves gradients behind. */
export class DfdtTrainable {
  /** What is known of a step. */
  readonly measures: typeof MEASURES = MEASURES;

  /**
   * Makes a network trainable.
   *
   * @param options see {@link TrainableOptions}
   */
  constructor(readonly network: Network, readonly options: TrainableOptions) {}

  /** What people are shown of a step while it trains. */
  summary({ total, episodeDice }: Readonly<Record<string, number>>): string {
    return `loss ${total.toFixed(3)}, Dice ${episodeDice.toFixed(2)}`;
  }

  /** The network's state. */
  get parameters(): Network["parameters"] {
    return this.network.parameters;
  }

  /**
   * Forward and backward of one episode; the gradients of all losses together are in `parameters.gradients`.
   *
   * @param step names the random stream of drop-path
   * @returns `scalars` in the order of {@link MEASURES}; `draw`, the foreground sampler's: index of the first centre and
   * number of foreground pixels, i32 `[2]`; `prediction`, the query's foreground probability, `[1, H, W, 1]`
   */
  step(episode: Episode<Tensor>, step: number): { scalars: Tensor; draw: Tensor; prediction: Tensor } {
    const { network, options: { seed, dropPath = true, freezeBatchNorm = false } } = this;
    const { sampler, configuration } = network;
    if (!quirksOf(configuration).sharedSampler) {
      sampler.setCursor(new Random(seed, "foreground sampler", step).integer(sampler.outputs.size));
    }
    network.parameters.clearGradients();
    let scalars!: Tensor, draw!: Tensor, prediction!: Tensor;
    differentiate(() => {
      const result = network.losses(episode, {
        dropPath: dropPath ? drawDropPath(seed, step) : undefined,
        freezeBatchNorm,
      });
      const { losses, thresholds, overlap } = result;
      ({ draw, prediction } = result);
      const list = LOSS_NAMES.map((name) => losses[name]);
      const total = sumOfNumbers(list);
      scalars = withoutGradient(() => rowOfNumbers([...list, total, thresholds[0], overlap, thresholds[1]]));
      return total;
    }, () => [scalars, prediction]);
    if (!freezeBatchNorm) network.batchesTracked++;
    return { scalars, draw, prediction };
  }

  /** The state beside parameters and statistics that the next step depends on. */
  async readState(): Promise<Record<string, number>> {
    return { samplerCursor: await this.network.sampler.readCursor(), batchesTracked: this.network.batchesTracked };
  }

  /** Puts a state back that {@link readState} returned. */
  writeState(state: Record<string, number>): void {
    this.network.sampler.setCursor(state.samplerCursor);
    this.network.batchesTracked = state.batchesTracked;
  }
}

/** Factors of the two residual branches of the second Swin block in a step, each of the support's and the query's. */
export function dropPathFactors(seed: number, step: number): [attention: number[], mlp: number[]] {
  const random = new Random(seed, "drop path", step);
  const branch = () => [0, 1].map(() => random.chance(DROP_PATH) ? 0 : 1 / (1 - DROP_PATH));
  return [branch(), branch()];
}

function drawDropPath(seed: number, step: number): DropPath {
  const [attention, mlp] = dropPathFactors(seed, step).map((branch) => fromArray(Float32Array.from(branch), [2, 1, 1]));
  return [attention, mlp];
}
