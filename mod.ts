/**
 * DFDT on Deno: few-shot segmentation of medical images.
 *
 * @module
 */
export { initialWeights, Network, type NetworkConfiguration, networkState } from "./src/dfdt/mod.ts";
export { UserError } from "./src/errors.ts";
export { openDevice } from "./src/gpu/mod.ts";
