import { add, concatenateColumns } from "../../kernels/mod.ts";
import type { DropPath } from "../nn/mod.ts";
import { Random } from "../random.ts";
import { differentiate, fromArray, reshape, type Tensor, withoutGradient } from "../tensor/mod.ts";
import type { EpisodeTensors, Network } from "./network.ts";

/** Probability with which a residual branch of the second Swin block is dropped (network reference, section 4). */
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
  "episodeDice",
] as const;

/** A network as the training loop sees it: a function of an episode that leaves gradients behind. */
export class DfdtTrainable {
  /** Names of the scalars of a step. */
  readonly scalarNames: readonly string[] = SCALAR_NAMES;

  /**
   * Makes a network trainable.
   *
   * @param options the run's seed, and whether drop-path is on (the reference's fixtures have it off)
   */
  constructor(readonly network: Network, readonly options: { seed: number; dropPath?: boolean }) {}

  /** The network's state. */
  get parameters(): Network["parameters"] {
    return this.network.parameters;
  }

  /**
   * Forward and backward of one episode; the gradients of all losses together are in `parameters.gradients`.
   *
   * @param step names the random stream of drop-path
   * @returns `[10]` in the order of {@link SCALAR_NAMES}
   */
  step(episode: EpisodeTensors, step: number): { scalars: Tensor } {
    const { network, options } = this;
    const dropPath = options.dropPath === false ? undefined : drawDropPath(options.seed, step);
    network.parameters.clearGradients();
    let scalars!: Tensor;
    differentiate(() => {
      const { losses, thresholds, overlap } = network.losses(episode, dropPath);
      const list = [losses.query, losses.periphery, losses.align, losses.mse, losses.qry, losses.boundary, losses.dice];
      const total = list.reduce((sum, loss) => add(sum, loss));
      scalars = withoutGradient(() =>
        [...list, total, thresholds[0], overlap]
          .map((scalar) => reshape(scalar, [1, 1]))
          .reduce((row, scalar) => concatenateColumns(row, scalar))
      );
      return total;
    }, () => [scalars]);
    network.batchesTracked++;
    return { scalars: reshape(scalars, [SCALAR_NAMES.length]) };
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

function drawDropPath(seed: number, step: number): DropPath {
  const random = new Random(seed, "drop path", step);
  const branch = () =>
    fromArray(Float32Array.from([0, 1], () => random.chance(DROP_PATH) ? 0 : 1 / (1 - DROP_PATH)), [2, 1, 1]);
  return [branch(), branch()];
}
