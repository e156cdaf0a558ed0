import { BINDABLE, empty, fromArray, persist, type Shape, Tensor, zeros } from "../tensor/mod.ts";

/** Elements to which every parameter is padded, so that each can be bound by itself. */
export const PARAMETER_BLOCK: number = BINDABLE;

/** One entry of a network's state_dict. */
export interface StateEntry {
  /** Its name in the published state_dict, for example `encoder.backbone.conv1.weight`. */
  name: string;
  /** Its shape in PyTorch's order, for a convolution `[out, in, height, width]`. */
  shape: Shape;
  /** Trained, or kept up to date by a batch norm, or fixed. */
  kind: "parameter" | "statistic" | "constant";
  /** False for a parameter that no gradient ever reaches: the optimiser leaves it as it is, without decay. */
  gradient: boolean;
}

/**
 * The state of a network on the GPU. All parameters lie in one buffer, their gradients in a second one with the same
 * layout, so that the optimiser needs one dispatch; the tensors handed out are views of it.
 */
export class Parameters implements Disposable {
  /** Values of all parameters, padded to blocks of 64, `[blocks · 64]`. */
  readonly values: Tensor;
  /** Their gradients, in the same layout. */
  readonly gradients: Tensor;
  /** 1 for every block whose parameter gets a gradient, else 0, u32 `[blocks]`. */
  readonly active: Tensor;
  readonly #tensors = new Map<string, Tensor>();
  readonly #entries: readonly StateEntry[];

  /**
   * Makes room for a state_dict, all 0.
   *
   * @param entries in the order of the state_dict; statistics and constants are given buffers of their own
   */
  constructor(entries: readonly StateEntry[]) {
    this.#entries = entries;
    const parameters = entries.filter((entry) => entry.kind === "parameter");
    const offsets: number[] = [];
    let total = 0;
    for (const { shape } of parameters) {
      offsets.push(total);
      total += blocks(shape) * PARAMETER_BLOCK;
    }
    this.values = persist(zeros([total]));
    this.gradients = persist(zeros([total]));
    const active = new Uint32Array(total / PARAMETER_BLOCK);
    for (const [i, { name, shape, gradient }] of parameters.entries()) {
      const tensor = persist(this.values.view(shape, offsets[i]));
      if (gradient) {
        tensor.tracked = true;
        tensor.gradient = persist(this.gradients.view(shape, offsets[i]));
        active.fill(1, offsets[i] / PARAMETER_BLOCK, offsets[i] / PARAMETER_BLOCK + blocks(shape));
      }
      this.#tensors.set(name, tensor);
    }
    this.active = persist(fromArray(active, [active.length]));
    for (const { name, shape, kind } of entries) {
      if (kind !== "parameter") this.#tensors.set(name, persist(empty(shape)));
    }
  }

  /** The entries, in the order of the state_dict. */
  get entries(): readonly StateEntry[] {
    return this.#entries;
  }

  /**
   * The tensor of a name.
   *
   * @throws {RangeError} if there is none
   */
  get(name: string): Tensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new RangeError(`Cannot find "${name}" among the ${this.#tensors.size} tensors of the network`);
    return tensor;
  }

  /** Forgets all gradients; the next ones are written, not added. */
  clearGradients(): void {
    for (const tensor of this.#tensors.values()) tensor.hasGradient = tensor.roomTaken = false;
  }

  /** Frees everything. */
  [Symbol.dispose](): void {
    for (const tensor of this.#tensors.values()) {
      tensor.gradient?.release();
      tensor.release();
    }
    for (const tensor of [this.values, this.gradients, this.active]) tensor.release();
  }
}

function blocks(shape: Shape): number {
  return Math.ceil(shape.reduce((a, b) => a * b, 1) / PARAMETER_BLOCK);
}
