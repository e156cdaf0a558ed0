import { add, concatenateColumns } from "../../kernels/mod.ts";
import type { DropPath } from "../nn/mod.ts";
import { Random } from "../random.ts";
import { differentiate, fromArray, reshape, type Tensor, withoutGradient } from "../tensor/mod.ts";
import { quirksOf } from "./configuration.ts";
import type { EpisodeTensors, Network } from "./network.ts";

/** Probability with which a residual branch of the second Swin block is dropped (docs/reference/network.md, 4.2). */
const DROP_PATH = 0.1;

/** What {@link DfdtTrainable.step} logs of an episode, in the order of its scalars. */
export const SCALAR_NAMES = [
  "query",
  "periphery",
  "align",
  "mse",
  "qry",
  "boundary",
  "dice",
  "total",
  "threshold",
  "queryThreshold",
  "episodeDice",
] as const;

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
  /** Names of the scalars of a step. */
  readonly scalarNames: readonly string[] = SCALAR_NAMES;

  /**
   * Makes a network trainable.
   *
   * @param options see {@link TrainableOptions}
   */
  constructor(readonly network: Network, readonly options: TrainableOptions) {}

  /** The network's state. */
  get parameters(): Network["parameters"] {
    return this.network.parameters;
  }

  /**
   * Forward and backward of one episode; the gradients of all losses together are in `parameters.gradients`.
   *
   * @param step names the random stream of drop-path
   * @returns `scalars` in the order of {@link SCALAR_NAMES}; `draw`, the foreground sampler's: index of the first centre and
   * number of foreground pixels, i32 `[2]`; `prediction`, the query's foreground probability, `[1, H, W, 1]`
   */
  step(episode: EpisodeTensors, step: number): { scalars: Tensor; draw: Tensor; prediction: Tensor } {
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
      const list = [losses.query, losses.periphery, losses.align, losses.mse, losses.qry, losses.boundary, losses.dice];
      const total = list.reduce((sum, loss) => add(sum, loss));
      scalars = withoutGradient(() =>
        [...list, total, ...thresholds, overlap]
          .map((scalar) => reshape(scalar, [1, 1]))
          .reduce((row, scalar) => concatenateColumns(row, scalar))
      );
      return total;
    }, () => [scalars, prediction]);
    if (!freezeBatchNorm) network.batchesTracked++;
    return { scalars: reshape(scalars, [SCALAR_NAMES.length]), draw, prediction };
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
