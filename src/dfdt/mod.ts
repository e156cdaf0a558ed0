export {
  checkConfiguration,
  type ConfigurationFault,
  configurationFault,
  featureSide,
  type NetworkConfiguration,
  PUBLISHED_QUIRKS,
  type Quirks,
  quirksOf,
  swinPart,
} from "./configuration.ts";
export { type ModuleCost, type NetworkCost, networkCost } from "./cost.ts";
export type { Encoded } from "./encoder.ts";
export { initialWeights, type InitialWeightsOptions } from "./initial_weights.ts";
export { LOSS_NAMES, type Losses } from "./losses.ts";
export { Network, type QueryResult, type Support } from "./network.ts";
export { type Comparable, comparable } from "./predictor.ts";
export { configurationOf, type PublishedEntry, publishedState } from "./published_state.ts";
export { networkState } from "./state.ts";
export { DfdtTrainable, MEASURES, type TrainableOptions } from "./trainable.ts";
