/**
 * DFDT on Deno: few-shot segmentation of medical images on WebGPU, for programs of your own. The command line
 * (`deno task pipeline`) is made of the same names. Types that only stand in signatures are in `types.ts`; tensors,
 * operators and layers in `kernels.ts`.
 *
 * @example Volumes: a scan as it lies in a file, brought to a network's grid and back
 * ```ts
 * import {
 *   applyToImage, axisCodes, decodeNifti, encodeNifti, keepLargestComponents, mapOfRecipe, readImage, readLabel,
 *   type Recipe, supervoxels, undo, type Volume, writeNifti,
 * } from "dfdt";
 *
 * const side = 40, depth = 5, count = side * side * depth;
 * const inDisc = (i: number) => Math.hypot(i % side - 20, Math.floor(i / side) % side - 20) < 9;
 * const scan: Volume = {
 *   data: Float32Array.from({ length: count }, (_, i) => (inDisc(i) ? 120 : 30) + i % 3),
 *   size: [side, side, depth],
 *   spacing: [1.5, 1.5, 5],
 *   affine: [-1.5, 0, 0, 30, 0, 1.5, 0, -30, 0, 0, 5, 0, 0, 0, 0, 1],
 * };
 * console.assert(axisCodes(scan.affine) === "LAS");
 *
 * // files: NIfTI, PNG or a folder with a DICOM series
 * const dir = await Deno.makeTempDir();
 * await writeNifti(`${dir}/scan.nii.gz`, scan);
 * const image = await readImage(`${dir}/scan.nii.gz`);
 * const mask = Uint8Array.from({ length: count }, (_, i) => Number(inDisc(i) || i === 0));
 * keepLargestComponents(mask, scan.size);
 * console.assert(mask[0] === 0);
 * await Deno.writeFile(`${dir}/label.nii`, encodeNifti({ ...scan, data: mask }));
 * const label = await readLabel(`${dir}/label.nii`, image);
 * console.assert(decodeNifti(encodeNifti(label), "label").data.every((value, i) => value === label.data[i]));
 *
 * // a recipe brings a scan to a network's grid; its map brings a probability back
 * const recipe: Recipe = [
 *   { step: "window", lowerHU: -125, upperHU: 275 },
 *   { step: "fit", inPlaneMm: 1, sliceSpacingMm: null, side: 65 },
 *   { step: "standardise" },
 * ];
 * const prepared = applyToImage(recipe, image, "scan");
 * console.assert(prepared.size.join() === "65,65,5");
 * const probability = new Float32Array(prepared.data.length).fill(0.75);
 * console.assert(undo(probability, mapOfRecipe(recipe, image)).length === count);
 *
 * const { labels } = supervoxels(prepared, { minVoxels: 150 }, "scan");
 * console.assert(labels.length === prepared.data.length);
 * ```
 *
 * @example Models: a mask for a scan from one labelled scan
 * ```ts
 * import { loadModel, saveModel, segmentVolume, SupportSet, untrainedModel, type Volume } from "dfdt";
 *
 * const side = 40, count = side * side * 3;
 * const scan = (radius: number): { image: Volume; label: Volume } => {
 *   const inDisc = (_: unknown, i: number) => Number(Math.hypot(i % side - 20, Math.floor(i / side) % side - 20) < radius);
 *   const grid = { size: [side, side, 3], spacing: [2, 2, 5], affine: [-2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] };
 *   const data = Uint8Array.from({ length: count }, inDisc);
 *   return { image: { ...grid, data: data.map((one) => 90 + 100 * one) }, label: { ...grid, data } } as {
 *     image: Volume;
 *     label: Volume;
 *   };
 * };
 *
 * // a trained one is `await loadModel(await Deno.readFile("model.safetensors"))`
 * using untrained = await untrainedModel({
 *   network: { image: 65, planes: 8, layers: [1, 1, 1, 1], classes: 10, channels: 32, parts: 5, embedding: 12 },
 *   recipe: [{ step: "fit", inPlaneMm: 1.5, sliceSpacingMm: null, side: 65 }, { step: "standardise" }],
 *   classes: [{ name: "disc", value: 1 }],
 *   seed: 1,
 * });
 * using model = await loadModel(await saveModel(untrained));
 *
 * using supports = new SupportSet(model, [scan(10)]); // brought to the network once, for many scans
 * const { mask, classes } = await segmentVolume(model, supports, scan(8).image);
 * console.assert(mask.data.length === count && classes[0].name === "disc");
 * ```
 *
 * @example Few-shot learning: what an episode is, and what it scores
 * ```ts
 * import {
 *   bestInterval, countVoxels, customFold, drawEpisode, episodeIndex, intervalMask, Random, score, slicePlan,
 * } from "dfdt";
 *
 * // training: two neighbouring slices that show one supervoxel
 * const area = 64, supervoxels = new Int32Array(3 * area).fill(7);
 * const episode = drawEpisode([episodeIndex("case 1", supervoxels, { area })], 20, new Random(2023, "step", 1));
 * console.assert(episode.supervoxel === 7 && Math.abs(episode.supportSlice - episode.querySlice) === 1);
 *
 * // testing: who is the support, and which of its slices serves which of a query's
 * const { support, query } = customFold({ labelled: ["a", "b", "c"], unlabelled: [] }, 0, 2023);
 * console.assert(support === "a" && query.join() === "b,c");
 * const [first] = slicePlan([4, 5, 6], [0, 1, 2, 3, 4, 5]);
 * console.assert(first.query.join() === "0,1");
 *
 * // what no network at all reaches
 * const slice = Float32Array.from({ length: area }, (_, i) => i), truth = slice.map((x) => Number(x >= 40 && x < 60));
 * const { dice } = score(countVoxels(intervalMask(slice, bestInterval(slice, truth)), truth));
 * console.assert(dice === 1);
 * ```
 *
 * @example Pipeline: a stage, whose artifact is made once
 * ```ts
 * import { defineStage, rawFile, UserError } from "dfdt";
 * import { z } from "zod";
 *
 * export const wordCount = defineStage({
 *   name: "words",
 *   version: 1, // raised when other bytes come out
 *   inputs: { text: "file" },
 *   params: z.object({ atLeast: z.int() }),
 *   outputs: { words: "words.json" },
 *   async run({ inputs, params, output }) {
 *     const words = (await Deno.readTextFile(inputs.text)).split(/\s+/);
 *     if (words.length < params.atLeast) throw new UserError("data", `Cannot use "${inputs.text}": it is too short`);
 *     await Deno.writeTextFile(`${output}/words.json`, JSON.stringify(words));
 *   },
 * });
 * // in the `build` of an experiment it becomes a node of the graph:
 * const build = () => wordCount({ text: rawFile("README.md") }, { atLeast: 10 });
 * console.assert(typeof build === "function");
 * ```
 *
 * @module
 */
export * from "./src/api/volumes.ts";
export * from "./src/api/models.ts";
export * from "./src/api/few_shot.ts";
export * from "./src/api/pipeline.ts";
