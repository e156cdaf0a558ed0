import { slicesWith } from "../fewshot/support_choice.ts";
import { applyToImage, applyToLabel, mapOfRecipe } from "../imaging/recipe.ts";
import { countClassVoxels } from "../imaging/labelling.ts";
import { slicesOf, type Volume } from "../imaging/volume.ts";
import { EncodedSlices } from "../inference/encoded_slices.ts";
import type { Model } from "./model.ts";
import type { ModelClass } from "./model_facts.ts";

/** A scan with labels, from which a model learns what to look for: a shot. */
export interface LabelledScan {
  /** Its intensities, as they are in the file. */
  image: Volume;
  /** Its labels on the same grid: whole numbers, 0 where there is nothing. One slice may have labels, or all. */
  label: Volume;
  /** What it is called in messages. */
  name?: string;
}

/** A shot, brought to the network. */
export interface PreparedSupport {
  /** Its slices. */
  slices: Float32Array<ArrayBuffer>[];
  /** Labels of their voxels, x fastest. */
  labels: Volume["data"];
  /** Which of its slices show each class, by value. */
  shown: ReadonlyMap<number, number[]>;
  /** The features of its slices. */
  encoded: EncodedSlices;
}

/** A class that was asked for and that no support shows to the network. */
export interface MissingClass extends ModelClass {
  /** Its voxels in the supports' files; 0 if they do not have it, else it was lost on the coarser grid. */
  voxels: number;
}

/** One or several shots, brought to the network once for any number of queries; its end frees their features. */
export class SupportSet implements Disposable {
  /** The classes that will be segmented. */
  readonly classes: readonly ModelClass[];
  /** Classes that were asked for and cannot be. */
  readonly missing: readonly MissingClass[];
  /** The shots in order. */
  readonly supports: readonly PreparedSupport[];

  /**
   * Brings labelled scans to a model.
   *
   * @param classes what to look for; all labels of the scans unless given, by the names of the model's classes
   * @throws {UserError} if a scan cannot be brought to the model
   * @throws {RangeError} for labels on another grid than their image
   * @example
   * ```ts ignore
   * import { loadModel, readImage, readLabel, SupportSet } from "dfdt";
   *
   * using model = await loadModel(await Deno.readFile("model.safetensors"));
   * const image = await readImage("scan.nii.gz");
   * using supports = new SupportSet(model, [{ image, label: await readLabel("label.nii.gz", image) }]);
   * console.log(supports.classes);
   * ```
   */
  constructor(
    readonly model: Model,
    scans: readonly LabelledScan[],
    classes: readonly ModelClass[] = labelledClasses(model, scans),
  ) {
    const voxels = new Map<number, number>();
    this.supports = scans.map((scan, i) => {
      for (const [value, count] of countClassVoxels(scan.label.data)) {
        voxels.set(value, (voxels.get(value) ?? 0) + count);
      }
      return prepared(model, scan, { name: scan.name ?? `support ${i + 1}`, classes });
    });
    const isShown = ({ value }: ModelClass) => this.supports.some(({ shown }) => shown.get(value)!.length > 0);
    this.classes = classes.filter(isShown);
    this.missing = classes.filter((one) => !isShown(one))
      .map((one) => ({ ...one, voxels: voxels.get(one.value) ?? 0 }));
  }

  /** Frees the features. */
  [Symbol.dispose](): void {
    for (const { encoded } of this.supports) encoded[Symbol.dispose]();
  }
}

function prepared(
  { network, recipe }: Model,
  { image, label }: LabelledScan,
  { name, classes }: { name: string; classes: readonly ModelClass[] },
): PreparedSupport {
  if (label.size.join() !== image.size.join()) {
    throw new RangeError(
      `Cannot use the labels of ${name}: expected ${image.size.join(" × ")} voxels, found ${label.size.join(" × ")}`,
    );
  }
  mapOfRecipe(recipe, image, name); // refuses a scan that is too small
  const standardised = applyToImage(recipe, image, name);
  const { data: labels } = applyToLabel(recipe, { ...label, spacing: image.spacing, affine: image.affine });
  const area = standardised.size[0] * standardised.size[1];
  return {
    slices: slicesOf(standardised),
    labels,
    shown: new Map(classes.map(({ value }) => [value, slicesWith(labels, value, area)])),
    encoded: new EncodedSlices(network),
  };
}

/** All labels of some scans, ascending: named as the model's class of that value, else `label_N`. */
export function labelledClasses({ classes }: Pick<Model, "classes">, scans: readonly LabelledScan[]): ModelClass[] {
  const values = new Set(scans.flatMap(({ label }) => [...countClassVoxels(label.data).keys()]));
  values.delete(0);
  return [...values].sort((a, b) => a - b).map((value) => ({
    value,
    name: classes.find((one) => one.value === value)?.name ?? `label_${value}`,
  }));
}
