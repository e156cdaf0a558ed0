/**
 * DFDT on Deno: few-shot segmentation of medical images on WebGPU. The command line (`deno task pipeline`) does the whole way
 * from raw scans to scores; this is what it is made of, for programs of your own.
 *
 * @example Segment slices from one labelled slice
 * ```ts
 * import { initialWeights, Network, openDevice, segmentSlices, upload } from "./mod.ts";
 *
 * await openDevice();
 * const side = 65;
 * const configuration = {
 *   image: side, planes: 8, layers: [1, 1, 1, 1], classes: 10, channels: 32, parts: 5, embedding: 12,
 * } satisfies ConstructorParameters<typeof Network>[0];
 * const network = new Network(configuration);
 * // or the tensors of a model file: decodeSafetensors() and loadStateDict()
 * for (const [name, values] of initialWeights(configuration, { seed: 1 })) {
 *   upload(network.parameters.get(name), new Uint8Array(values.buffer));
 * }
 * const disc = (radius: number) =>
 *   Float32Array.from({ length: side * side }, (_, i) => {
 *     return Number(Math.hypot(i % side - 32, Math.floor(i / side) - 32) < radius);
 *   });
 * const support = { image: disc(20), mask: disc(20) };
 * const [mask] = await segmentSlices(network, support, [disc(16)]);
 * console.assert(mask.length === side * side);
 * ```
 *
 * @module
 */
export * from "./src/errors.ts";
export * from "./src/episode.ts";
export * from "./src/gpu/mod.ts";
export * from "./src/tensor/mod.ts";
export * from "./kernels/mod.ts";
export * from "./src/nn/mod.ts";
export * from "./src/dfdt/mod.ts";
export * from "./src/imaging/volume.ts";
export * from "./src/imaging/geometry.ts";
export * from "./src/imaging/intensity.ts";
export * from "./src/imaging/supervoxels.ts";
export * from "./src/imaging/files/nifti_file.ts";
export { decodeNifti, type ReadOptions } from "./src/imaging/io/nifti.ts";
export { encodeNifti } from "./src/imaging/io/nifti_encode.ts";
export type { NiftiHeader, WrittenGrid } from "./src/imaging/io/nifti_header.ts";
export * from "./src/inference/encoded_slices.ts";
export * from "./src/inference/segmenter.ts";
export * from "./src/training/optimizer.ts";
export * from "./src/training/schedule.ts";
export * from "./src/training/snapshot.ts";
export * from "./src/weights/safetensors.ts";
