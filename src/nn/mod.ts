export { batchNormalize, dense, layerNormalize, type NormEnd } from "./layers.ts";
export { PARAMETER_BLOCK, Parameters, type StateEntry } from "./parameters.ts";
export { ignore, type Pass } from "./pass.ts";
export {
  type Bottleneck,
  bottlenecks,
  resnet,
  type ResnetConfiguration,
  type ResnetFeatures,
  resnetState,
} from "./resnet.ts";
export {
  type DropPath,
  relativePositions,
  shiftedWindowMask,
  type SwinConfiguration,
  SwinStage,
  swinState,
} from "./swin.ts";
export { loadStateDict, stateDict } from "./state_dict.ts";
