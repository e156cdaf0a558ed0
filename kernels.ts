/**
 * What the network is made of, for programs of your own: tensors on WebGPU, operators with their derivatives, layers,
 * optimisers and the files of weights.
 *
 * @example Slices by a network, one support slice
 * ```ts
 * import { initialWeights, Network, openDevice, segmentSlices, upload } from "dfdt/kernels";
 *
 * await openDevice();
 * const side = 65;
 * const configuration = {
 *   image: side, planes: 8, layers: [1, 1, 1, 1], classes: 10, channels: 32, parts: 5, embedding: 12,
 * } satisfies ConstructorParameters<typeof Network>[0];
 * using network = new Network(configuration);
 * for (const [name, values] of initialWeights(configuration, { seed: 1 })) {
 *   upload(network.parameters.get(name), new Uint8Array(values.buffer));
 * }
 * const disc = (radius: number) =>
 *   Float32Array.from({ length: side * side }, (_, i) => {
 *     return Number(Math.hypot(i % side - 32, Math.floor(i / side) - 32) < radius);
 *   });
 * const [mask] = await segmentSlices(network, { image: disc(20), mask: disc(20) }, [disc(16)]);
 * console.assert(mask.length === side * side);
 * ```
 *
 * @module
 */
export * from "./src/gpu/mod.ts";
export * from "./src/tensor/mod.ts";
export * from "./kernels/mod.ts";
export * from "./src/nn/mod.ts";
export * from "./src/training/optimizer.ts";
export * from "./src/training/schedule.ts";
export * from "./src/training/snapshot.ts";
export * from "./src/weights/safetensors.ts";
export * from "./src/dfdt/mod.ts";
export * from "./src/inference/encoded_slices.ts";
export * from "./src/inference/segmenter.ts";
