import type { Tensor } from "../tensor/mod.ts";
import type { Parameters } from "./parameters.ts";

/** One pass through a network: its state, the mode, and who looks at what is computed on the way. */
export interface Pass {
  /** Parameters and statistics by their state_dict names. */
  readonly parameters: Parameters;
  /** Batch norms use the statistics of the batch (true) or their running ones. */
  readonly training: boolean;
  /** Computes inner tensors of the ResNet again in the backward walk instead of keeping them: half the memory. */
  readonly checkpoint?: boolean;
  /** 3×3 convolutions of many channels take Winograd's algorithm: fewer multiplications, another rounding. */
  readonly winograd?: boolean;
  /** True in a part that the backward walk computes again: running statistics have moved already. */
  readonly again?: boolean;
  /** Is shown every tensor that docs/reference/network.md, 5.3 names; does nothing in ordinary runs. */
  observe(name: string, tensor: Tensor): void;
}

/** The observer of ordinary runs. */
export function ignore(): void {}
