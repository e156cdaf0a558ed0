import { sum } from "../../kernels/mod.ts";
import { kernel, upload } from "../gpu/mod.ts";
import { empty, persist, type Tensor, zeros } from "../tensor/mod.ts";
import squaresSource from "./gradient_squares.wgsl" with { type: "text" };
import sgdSource from "./sgd.wgsl" with { type: "text" };

/** Blocks of the arena in one dispatch: 64 MiB of parameters, half of the binding that every adapter allows. */
const BLOCKS_PER_PART = 2 ** 18;

const squaresKernel = kernel(squaresSource, "gradientSquares");
const sgdKernel = kernel(sgdSource, "sgd");

/** What the optimiser works on: the arena of a network, and the recipe. */
export interface SgdOptions {
  /** Parameters, `[blocks · 64]`; see `Parameters` in `nn`. */
  values: Tensor;
  /** Their gradients, in the same layout. */
  gradients: Tensor;
  /** 1 for a block of 64 with gradient, else 0, u32 `[blocks]`. */
  active: Tensor;
  /** Share of the velocity that stays. */
  momentum: number;
  /** Added to the gradient per parameter; norms and biases decay as well, as published. */
  weightDecay: number;
  /** Gradients of a larger norm are scaled down to it; published: none. */
  clipNorm?: number;
}

/** Stochastic gradient descent with momentum (network reference, section 4), two dispatches and a sum for all parameters. */
export class Sgd {
  /** Velocities, in the layout of the parameters. */
  readonly velocity: Tensor;
  /** L2 norm of the last step's gradient before clipping, `[1]`. */
  readonly gradientNorm: Tensor;
  readonly #rate: Tensor;
  readonly #squares: Tensor;
  readonly #options: SgdOptions;

  /**
   * Makes an optimiser whose velocities are 0.
   *
   * @param options the arena and the recipe
   */
  constructor(options: SgdOptions) {
    this.#options = options;
    this.velocity = persist(zeros(options.values.shape));
    this.gradientNorm = persist(zeros([1]));
    this.#rate = persist(empty([1]));
    this.#squares = persist(empty(options.active.shape));
  }

  /** One step along the gradients that lie in the arena. */
  step(learningRate: number): void {
    const { values, gradients, active, momentum, weightDecay, clipNorm = 0 } = this.#options;
    upload(this.#rate, new Uint8Array(Float32Array.of(learningRate).buffer));
    inParts({ gradients, activeBlocks: active, squares: this.#squares }, (part) => {
      squaresKernel.dispatch(part, { threads: part.activeBlocks.size });
    });
    const squaredNorm = sum(this.#squares, "all");
    inParts({ gradients, activeBlocks: active, values, velocity: this.velocity }, (part) => {
      sgdKernel.dispatch({
        ...part,
        options: { momentum, decay: weightDecay, largestNorm: clipNorm },
        squaredNorm,
        rate: this.#rate,
        gradientNorm: this.gradientNorm,
      }, { threads: part.values.size / 4 });
    });
    squaredNorm.release();
  }

  /** Frees everything. */
  release(): void {
    for (const tensor of [this.velocity, this.gradientNorm, this.#rate, this.#squares]) tensor.release();
  }
}

/**
 * Calls `body` with the same part of every tensor, one part after the other: the arena of a large network is more than an
 * adapter binds at once.
 *
 * @param arena tensors with one element, or one block of elements, for every block of the arena
 */
function inParts<T extends Record<string, Tensor> & { activeBlocks: Tensor }>(arena: T, body: (part: T) => void): void {
  const blocks = arena.activeBlocks.size;
  for (let first = 0; first < blocks; first += BLOCKS_PER_PART) {
    const count = Math.min(BLOCKS_PER_PART, blocks - first);
    const part = Object.entries(arena).map(([name, tensor]) => {
      const width = tensor.size / blocks;
      return [name, tensor.view([count * width], first * width)] as const;
    });
    body(Object.fromEntries(part) as T);
    for (const [, view] of part) view.release();
  }
}
