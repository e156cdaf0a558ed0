import { join } from "node:path";
import { displacement, elastic, gamma, isAbove, warpAffine } from "../../kernels/mod.ts";
import { CMR_LABELLING } from "../datasets/cmr.ts";
import { readGround } from "../datasets/chaost2_labels.ts";
import { chunkBounds, slicePlan, slicesWith, supportPositions } from "../fewshot/support_choice.ts";
import { episodeIndex, excludedSlices, trainingPairs } from "../fewshot/episode.ts";
import { PUBLISHED_FOLDS, publishedFold } from "../fewshot/folds.ts";
import { affineMatrix, inverseMatrix } from "../fewshot/augmentation_draws.ts";
import { countVoxels, meanOf, score } from "../fewshot/scores.ts";
import { type ClassCounts, classMap, countClasses } from "../imaging/class_map.ts";
import { standardize, windowIntensities } from "../imaging/intensity.ts";
import { readDicom } from "../imaging/files/read_dicom.ts";
import { readNifti, readNiftiHeader } from "../imaging/files/nifti_file.ts";
import { classNumbers } from "../imaging/labelling.ts";
import { applyToImage, applyToLabel } from "../imaging/recipe.ts";
import { mrRecipe, sabsRecipe } from "../imaging/recipes.ts";
import { supervoxels } from "../imaging/supervoxels.ts";
import type { Triple, Volume } from "../imaging/volume.ts";
import { openDevice } from "../gpu/mod.ts";
import { fromArray, Scope, toArrays } from "../tensor/mod.ts";
import { type ComparisonRow, missing, row } from "./comparison.ts";
import { readNpy } from "./npy.ts";

// deno-lint-ignore no-explicit-any -- every stage has parameters of its own, read by the function that knows them
type Parameters = any;

/** A preprocessing fixture, `case.json` (docs/reference/preprocessing.md, 15). */
interface Fixture {
  stage: string;
  dataset: string | null;
  inputs: Parameters;
  parameters: Parameters;
  expected: Record<string, Expected>;
}

interface Expected {
  file: string;
  compare: "volume" | "partition" | "array" | "json";
  absolute?: number;
  affine?: number;
  mismatch_fraction?: number;
}

/** What a stage produced for an expected name: a volume, an array, or a value for `json`. */
type Produced = { volume: Volume } | { array: ArrayLike<number> } | { json: unknown };

type Stage = (fixture: Fixture, path: (file: string) => string) => Promise<Record<string, Produced>>;

const STAGES: Record<string, Stage> = {
  dicom: async ({ inputs, parameters }, path) => {
    const { volume } = await readDicom(path(join(inputs.root, parameters.case, "T2SPIR/DICOM_anon")));
    return { image: { volume } };
  },
  labels: async ({ inputs, parameters }, path) => {
    const sequence = join(inputs.root, parameters.case, "T2SPIR");
    const image = await readNiftiHeader(path(inputs.image));
    const { label } = await readGround(path(join(sequence, "Ground")), image, path(join(sequence, "DICOM_anon")));
    return { label: { volume: label } };
  },
  window: async ({ inputs, parameters }, path) => {
    const image = await readNifti(path(inputs.image));
    const label = await readNifti(path(inputs.label));
    const window = { lowerHU: parameters.low, upperHU: parameters.high };
    return { image: { volume: windowIntensities(image, window, inputs.image) }, label: { volume: label } };
  },
  resample: async ({ inputs, parameters }, path) => {
    const { full, border, target } = parameters;
    const { resample } = sabsRecipe({ lowerHU: 0, upperHU: 0 }, { full, border, target, side: target });
    const published = resample.filter((step) => step.step !== "square"); // the side of the network is ours
    const image = applyToImage(published, await readNifti(path(inputs.image)), inputs.image);
    const label = applyToLabel(published, await readNifti(path(inputs.label)));
    return { image: { volume: image }, label: { volume: label } };
  },
  normalize: async ({ inputs, parameters }, path) => {
    const { cut_percent: cutPercent, spacing, size } = parameters;
    const recipe = mrRecipe({ cutPercent, spacingMm: spacing as Triple, size });
    const image = applyToImage(recipe, await readNifti(path(inputs.image)), inputs.image);
    const label = applyToLabel(recipe, await readNifti(path(inputs.label)));
    return { image: { volume: image }, label: { volume: label } };
  },
  index: async ({ inputs, parameters, dataset }, path) => {
    const counts = new Map<string, ClassCounts>();
    for (const [id, file] of Object.entries(inputs)) {
      const stored = await readNifti(path(file as string));
      const volume = dataset === "CMR" ? classNumbers(stored, CMR_LABELLING).volume : stored;
      counts.set(id, countClasses(volume, parameters.names.length));
    }
    const result: Record<string, Produced> = {};
    for (const rule of ["class", "label-sum"] as const) {
      for (const minPixels of [1, 100]) {
        result[`${rule}-${minPixels}`] = { json: classMap(counts, parameters.names, minPixels, rule) };
      }
    }
    return result;
  },
  supervoxels: async ({ inputs, parameters }, path) => {
    const image = await readNifti(path(inputs.image));
    const options = { minVoxels: parameters.min_size, threshold: parameters.foreground_threshold };
    const steps = supervoxels(image, options, inputs.image);
    const volume = (data: Volume["data"]) => ({ volume: { ...image, data } });
    return {
      segments: volume(steps.segments),
      foreground: volume(steps.foreground),
      supervoxels: volume(steps.labels),
    };
  },
  standardize: async ({ inputs }, path) => {
    const volume = standardize(await readNifti(path(inputs.image)), inputs.image);
    return { image: { volume } };
  },
  augmentation: async ({ inputs, parameters }, path) => {
    await openDevice();
    using _scope = new Scope();
    const read = async (file: string) => {
      const { shape, data } = await readNpy(path(file));
      return fromArray(Float32Array.from(data), shape);
    };
    const [image, mask] = [await read(inputs.image), await read(inputs.mask)];
    const draws = { shiftX: parameters.shift_x, shiftY: parameters.shift_y, ...parameters };
    const matrix = affineMatrix(draws, image.shape[0], image.shape[1]);
    const inverse = inverseMatrix(matrix);
    const options = { amplitude: parameters.alpha, sigma: parameters.sigma };
    const dx = displacement(await read(inputs.noise_x), options),
      dy = displacement(await read(inputs.noise_y), options);
    const warpedImage = warpAffine(image, inverse), warpedMask = warpAffine(mask, inverse);
    const found = {
      warped_image: warpedImage,
      warped_mask: warpedMask,
      dx,
      dy,
      deformed_image: elastic(warpedImage, dx, dy),
      deformed_mask: isAbove(elastic(warpedMask, dx, dy), 0.5),
      gamma_image: gamma(image, parameters.gamma),
    };
    const arrays = await toArrays(Object.values(found));
    const produced = Object.keys(found).map((name, i) => [name, { array: arrays[i] }]);
    return { matrix: { array: matrix }, ...Object.fromEntries(produced) };
  },
  metrics: async ({ inputs }, path) => {
    const cases: Record<string, object> = {};
    const byClass = new Map<string, (number | null)[]>();
    for (const [key, files] of Object.entries<{ prediction: string; truth: string }>(inputs)) {
      const [prediction, truth] = [await readNifti(path(files.prediction)), await readNifti(path(files.truth))];
      const counts = countVoxels(prediction.data, truth.data);
      const { dice, iou } = score(counts);
      cases[key] = { tp: counts.truePositive, fp: counts.falsePositive, fn: counts.falseNegative, dice, iou };
      const name = key.slice(0, key.lastIndexOf("-"));
      byClass.set(name, [...byClass.get(name) ?? [], dice]);
    }
    const means = Object.fromEntries([...byClass].map(([name, list]) => [name, meanOf(list)]));
    return { scores: { json: { cases, class_mean: means, mean: meanOf(Object.values(means)) } } };
  },
  episodes: async ({ inputs, parameters }, path) => {
    const labels = new Map<string, Volume>(), pseudo = new Map<string, Volume>();
    for (const [id, files] of Object.entries<{ label: string; supervoxels: string }>(inputs.volumes)) {
      labels.set(id, await readNifti(path(files.label)));
      pseudo.set(id, await readNifti(path(files.supervoxels)));
    }
    const area = ({ size }: Volume) => size[0] * size[1];
    const shown = (id: string, value: number) => slicesWith(labels.get(id)!.data, value, area(labels.get(id)!));
    const classes: number[] = parameters.exclude;
    const plan: Record<string, object> = {};
    for (const id of labels.keys()) {
      if (id === parameters.support_case) continue;
      plan[id] = Object.fromEntries(classes.map((value) => {
        const parts = slicePlan(shown(parameters.support_case, value), shown(id, value));
        return [value, parts.map(({ support, query }) => ({ support_slice: support, query_slices: query }))];
      }));
    }
    const excluded: Record<string, object> = {}, pairs: Record<string, object> = {};
    for (const [id, volume] of labels) {
      const setting2 = excludedSlices(volume.data, classes, area(volume));
      excluded[id] = { setting1: [], setting2 };
      const pairsOf = (left: number[]) => {
        const index = episodeIndex(id, pseudo.get(id)!.data, { area: area(volume), excluded: left });
        return Object.fromEntries(trainingPairs(index, parameters.min_size));
      };
      pairs[id] = { setting1: pairsOf([]), setting2: pairsOf(setting2) };
    }
    const counts = Array.from({ length: 60 }, (_, i) => i + 1);
    const folds = Object.entries<string[]>(inputs.case_ids).map(([name, ids]) => {
      const sorted = [...ids].sort((a, b) => Number(a) - Number(b));
      const positions = PUBLISHED_FOLDS[name as keyof typeof PUBLISHED_FOLDS];
      return [name, positions.map((list, fold) => publishedFold(sorted, list, fold))];
    });
    return {
      test_plan: { json: plan },
      training_pairs: { json: { excluded_slices: excluded, pairs } },
      positions: {
        json: {
          support_positions: Object.fromEntries(counts.map((count) => [count, supportPositions(count)])),
          chunk_bounds: Object.fromEntries(counts.map((count) => [count, chunkBounds(count)])),
        },
      },
      folds: { json: Object.fromEntries(folds) },
    };
  },
};

/**
 * Replays a preprocessing fixture. What a stage that cannot be replayed would have made is missing.
 *
 * @param dir folder with `case.json`
 */
export async function comparePreprocessing(dir: string): Promise<ComparisonRow[]> {
  const fixture = JSON.parse(await Deno.readTextFile(join(dir, "case.json"))) as Fixture;
  const stage = STAGES[fixture.stage] as (typeof STAGES)[string] | undefined;
  const produced = stage ? await stage(fixture, (file) => join(dir, file)) : {};
  const rows: ComparisonRow[] = [];
  for (const [name, expected] of Object.entries(fixture.expected)) {
    if (!(name in produced)) rows.push(missing(name, stage ? "not computed" : `no stage "${fixture.stage}"`));
    else rows.push(await compareOne(name, produced[name], expected, join(dir, expected.file)));
  }
  return rows;
}

async function compareOne(name: string, produced: Produced, expected: Expected, file: string): Promise<ComparisonRow> {
  const { absolute = 0, mismatch_fraction: allowed = 0 } = expected;
  if ("json" in produced) {
    const differences = jsonDifferences(produced.json, JSON.parse(await Deno.readTextFile(file)), absolute);
    return row(name, differences.length, 0, differences[0]);
  }
  if ("array" in produced) {
    return shareRow(name, produced.array, (await readNpy(file)).data, { absolute, allowed });
  }
  const reference = await readNifti(file);
  const { volume } = produced;
  if (volume.size.join() !== reference.size.join()) {
    return missing(name, `size ${volume.size.join(" × ")}, expected ${reference.size.join(" × ")}`);
  }
  const affineError = expected.affine === undefined
    ? 0
    : Math.max(...volume.affine.map((value, i) => Math.abs(value - reference.affine[i])));
  if (expected.affine !== undefined && affineError > expected.affine) {
    return row(name, affineError, expected.affine, "affine, in mm");
  }
  return expected.compare === "partition"
    ? row(name, partitionMismatches(volume.data, reference.data, name === "supervoxels"), 0, "voxels of another region")
    : shareRow(name, volume.data, reference.data, { absolute, allowed });
}

/** Largest difference, unless a share of the elements may differ: then the share that does. */
function shareRow(
  name: string,
  found: ArrayLike<number>,
  reference: ArrayLike<number>,
  { absolute, allowed }: { absolute: number; allowed: number },
): ComparisonRow {
  if (found.length !== reference.length) return missing(name, `${found.length} elements, expected ${reference.length}`);
  let beyond = 0, largest = 0;
  for (let i = 0; i < reference.length; i++) {
    const difference = Math.abs(found[i] - reference[i]);
    largest = Math.max(largest, difference);
    if (!(difference <= absolute)) beyond++;
  }
  return allowed > 0
    ? row(name, beyond / reference.length, allowed, "share of the voxels")
    : row(name, largest, absolute);
}

/** Number of elements outside of a one-to-one renaming, which maps 0 to 0 where 0 means outside. */
function partitionMismatches(found: ArrayLike<number>, reference: ArrayLike<number>, zeroIsOutside: boolean): number {
  const start: [number, number][] = zeroIsOutside ? [[0, 0]] : [];
  const forth = new Map(start), back = new Map(start);
  let mismatches = 0;
  for (let i = 0; i < reference.length; i++) {
    const a = found[i], b = reference[i];
    if (!forth.has(a) && !back.has(b)) {
      forth.set(a, b);
      back.set(b, a);
    }
    if (forth.get(a) !== b || back.get(b) !== a) mismatches++;
  }
  return mismatches;
}

/** Paths at which two JSON values differ; numbers may by `absolute`. */
function jsonDifferences(found: unknown, expected: unknown, absolute: number, path = "$"): string[] {
  if (typeof found === "number" && typeof expected === "number") {
    return Math.abs(found - expected) <= absolute ? [] : [`${path}: ${found}, expected ${expected}`];
  }
  if (typeof found !== "object" || typeof expected !== "object" || found === null || expected === null) {
    return found === expected ? [] : [`${path}: ${found}, expected ${expected}`];
  }
  const a = found as Record<string, unknown>, b = expected as Record<string, unknown>;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    key in a && key in b
      ? jsonDifferences(a[key], b[key], absolute, `${path}.${key}`)
      : [`${path}.${key}: only on one side`]
  );
}
