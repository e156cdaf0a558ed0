import { keepLargestComponents } from "../imaging/components.ts";
import { countOutside, positionsThere } from "../imaging/index_map.ts";
import { applyToImage, mapOfRecipe, type RecipeMap, undo } from "../imaging/recipe.ts";
import { slicesOf, type Volume } from "../imaging/volume.ts";
import { UserError } from "../errors.ts";
import { MaskOfClasses, type SegmentedClass } from "./mask_of_classes.ts";
import type { ModelClass } from "./model_facts.ts";
import { foregroundOfQuery } from "./query_foreground.ts";
import type { Model } from "./model.ts";
import { type LabelledScan, SupportSet } from "./support_set.ts";

/** A segmented scan. */
export interface Segmentation {
  /** The supports' label values on the scan's own grid, 0 where nothing was found. */
  mask: Volume;
  /** What was found of every class. */
  classes: SegmentedClass[];
  /** Voxels of the scan that lie outside of the model's field: they are background. */
  outside: number;
}

/** How a scan is segmented. */
export interface SegmentOptions {
  /** What the scan is called in messages. */
  name?: string;
  /** Numbers of the scan's own slices, along its slice axis, that are looked at: from the first up to, not including, the second. */
  slices?: readonly [first: number, end: number];
  /** Keeps only the largest component of every class. */
  largest?: boolean;
  /** Is given the probability of every class on the scan's own grid. */
  onProbability?: (one: ModelClass, probability: Volume) => void | Promise<void>;
  /** Told after every few slices. */
  onSlices?: (done: number, total: number) => void;
  /** How many slices those few are; the same result whatever it is, and fewer take longer. */
  slicesAtATime?: number;
  /** Ends it with its reason. */
  signal?: AbortSignal;
}

/**
 * Segments a scan: brings it to the network, looks for every class of the supports, brings the probabilities back onto the scan's
 * own grid, linearly, and there lets the most probable class above one half win.
 *
 * @param supports the shots; for many scans a {@link SupportSet}, which brings them to the model once
 * @param query its intensities, as they are in the file
 * @throws {UserError} if it cannot be brought to the model
 * @example
 * ```ts ignore
 * import { loadModel, readImage, readLabel, segmentVolume, writeNifti } from "dfdt";
 *
 * using model = await loadModel(await Deno.readFile("model.safetensors"));
 * const image = await readImage("labelled.nii.gz");
 * const shots = [{ image, label: await readLabel("label.nii.gz", image) }];
 * const { mask, classes } = await segmentVolume(model, shots, await readImage("scan.nii.gz"));
 * await writeNifti("mask.nii.gz", mask);
 * console.log(classes.map(({ name, millilitres }) => `${name}: ${millilitres.toFixed(1)} ml`));
 * ```
 */
export async function segmentVolume(
  model: Model,
  supports: SupportSet | readonly LabelledScan[],
  query: Volume,
  options: SegmentOptions = {},
): Promise<Segmentation> {
  if (!(supports instanceof SupportSet)) {
    using once = new SupportSet(model, supports);
    return await segmentVolume(model, once, query, options);
  }
  if (supports.model !== model) throw new RangeError("Cannot use supports that were brought to another model");
  const { name = "the scan", slices: range, largest = false, onProbability, onSlices, slicesAtATime, signal } = options;
  const { recipe } = model;
  const map = mapOfRecipe(recipe, query, name);
  const wanted = range && wantedSlices(range, map, name);
  const slices = slicesOf(applyToImage(recipe, query, name));
  const found = new MaskOfClasses(query, supports.classes);
  for await (const one of foregroundOfQuery(supports, slices, { wanted, onSlices, slicesAtATime, signal })) {
    const { size, spacing, affine } = query;
    if (onProbability) await onProbability(one, { data: undo(one.mean, map), size, spacing, affine });
    found.add(one, map);
  }
  if (range) found.keepSlices(range, sliceAxis(map));
  if (largest) keepLargestComponents(found.mask.data, query.size);
  return { mask: found.mask, classes: found.count(sliceAxis(map)), outside: countOutside(map.map, map) };
}

/** The axis of the raw grid that becomes the network's slices. */
function sliceAxis({ map }: RecipeMap): number {
  return map.axes[2];
}

/** The slices of the network's grid that some of the scan's own lie between. */
function wantedSlices(
  [first, end]: readonly [number, number],
  { map, here, there }: RecipeMap,
  name: string,
): number[] {
  const count = here[map.axes[2]];
  if (!(first >= 0 && first < end && end <= count)) {
    throw new UserError(
      "data",
      `Cannot segment slices ${first}:${end} of "${name}": expected two of its slices 0:${count}, the first below the second`,
    );
  }
  return positionsThere(map, 2, [first, end], there[2]);
}
