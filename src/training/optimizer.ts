import { sum } from "../../kernels/mod.ts";
import { kernel, upload } from "../gpu/mod.ts";
import { empty, persist, type Tensor, zeros } from "../tensor/mod.ts";
import adamwSource from "./adamw.wgsl" with { type: "text" };
import squaresSource from "./gradient_squares.wgsl" with { type: "text" };
import sgdSource from "./sgd.wgsl" with { type: "text" };

/** Blocks of the arena in one dispatch: 64 MiB of parameters, half of the binding that every adapter allows. */
const BLOCKS_PER_PART = 2 ** 18;

const squaresKernel = kernel(squaresSource, "gradientSquares");
const sgdKernel = kernel(sgdSource, "sgd");
const adamwKernel = kernel(adamwSource, "adamw");

/** What an optimiser works on, the arena of a network, and what both have in common. */
export interface OptimizerOptions {
  /** Parameters, `[blocks · 64]`; see `Parameters` in `nn`. */
  values: Tensor;
  /** Their gradients, in the same layout. */
  gradients: Tensor;
  /** 1 for a block of 64 with gradient, else 0, u32 `[blocks]`. */
  active: Tensor;
  /** Share of the parameters that is taken off; norms and biases decay as well, as published. */
  weightDecay: number;
  /** Gradients of a larger norm are scaled down to it; published: none. */
  clipNorm?: number;
}

/** Something that moves the parameters of a network along their gradients. */
export interface Optimizer extends Disposable {
  /** Its state in the layout of the parameters, by the names of snapshots. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** L2 norm of the last step's gradient before clipping, `[1]`. */
  readonly gradientNorm: Tensor;
  /**
   * One step along the gradients that lie in the arena.
   *
   * @param step number of the step, counted from 1
   */
  step(learningRate: number, step: number): void;
}

/** The recipe of {@link Sgd}. */
export interface SgdOptions extends OptimizerOptions {
  /** Share of the velocity that stays. */
  momentum: number;
}

/**
 * Stochastic gradient descent with momentum (docs/reference/network.md, 4.2), two dispatches and a sum for all
 * parameters. The decay is added to the gradient, after clipping.
 */
export class Sgd implements Optimizer {
  /** Velocities, in the layout of the parameters. */
  readonly velocity: Tensor;
  readonly state: ReadonlyMap<string, Tensor>;
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
    this.state = new Map([["optimizer.velocity", this.velocity]]);
    this.gradientNorm = persist(zeros([1]));
    this.#rate = persist(empty([1]));
    this.#squares = persist(empty(options.active.shape));
  }

  /** One step along the gradients that lie in the arena. */
  step(learningRate: number): void {
    const { values, gradients, active, momentum, weightDecay, clipNorm = 0 } = this.#options;
    upload(this.#rate, new Uint8Array(Float32Array.of(learningRate).buffer));
    const squaredNorm = squaredNormOf(this.#options, this.#squares);
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
  [Symbol.dispose](): void {
    for (const tensor of [this.velocity, this.gradientNorm, this.#rate, this.#squares]) tensor.release();
  }
}

/** The recipe of {@link AdamW}. */
export interface AdamWOptions extends OptimizerOptions {
  /** Shares of the first and of the second moment that stay. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  epsilon: number;
}

/**
 * Adam with a decay of its own, which the moments do not see (Loshchilov and Hutter, "Decoupled weight decay regularization",
 * 2019, algorithm 2, with the decay times the learning rate as in PyTorch).
 */
export class AdamW implements Optimizer {
  readonly state: ReadonlyMap<string, Tensor>;
  readonly gradientNorm: Tensor;
  readonly #moments: readonly [first: Tensor, second: Tensor];
  readonly #rate: Tensor;
  readonly #squares: Tensor;
  readonly #options: AdamWOptions;

  /**
   * Makes an optimiser whose moments are 0.
   *
   * @param options the arena and the recipe
   */
  constructor(options: AdamWOptions) {
    this.#options = options;
    this.#moments = [persist(zeros(options.values.shape)), persist(zeros(options.values.shape))];
    this.state = new Map([["optimizer.firstMoment", this.#moments[0]], ["optimizer.secondMoment", this.#moments[1]]]);
    this.gradientNorm = persist(zeros([1]));
    this.#rate = persist(empty([3]));
    this.#squares = persist(empty(options.active.shape));
  }

  /** One step along the gradients that lie in the arena; its number, from 1, corrects the moments' start at 0. */
  step(learningRate: number, step: number): void {
    const { values, gradients, active, betas: [beta1, beta2], epsilon, weightDecay, clipNorm = 0 } = this.#options;
    const rates = Float32Array.of(learningRate, 1 - beta1 ** step, 1 - beta2 ** step);
    upload(this.#rate, new Uint8Array(rates.buffer));
    const squaredNorm = squaredNormOf(this.#options, this.#squares);
    const [firstMoment, secondMoment] = this.#moments;
    const fresh = { fresh1: 1 - beta1, fresh2: 1 - beta2 };
    inParts({ gradients, activeBlocks: active, values, firstMoment, secondMoment }, (part) => {
      adamwKernel.dispatch({
        ...part,
        options: { beta1, beta2, ...fresh, epsilon, decay: weightDecay, largestNorm: clipNorm },
        squaredNorm,
        rate: this.#rate,
        gradientNorm: this.gradientNorm,
      }, { threads: part.values.size / 4 });
    });
    squaredNorm.release();
  }

  /** Frees everything. */
  [Symbol.dispose](): void {
    for (const tensor of [...this.#moments, this.gradientNorm, this.#rate, this.#squares]) tensor.release();
  }
}

/** Sum of the squares of all gradients, `[1]`. */
function squaredNormOf({ gradients, active }: OptimizerOptions, squares: Tensor): Tensor {
  inParts({ gradients, activeBlocks: active, squares }, (part) => {
    squaresKernel.dispatch(part, { threads: part.activeBlocks.size });
  });
  return sum(squares, "all");
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
