import { UserError } from "../../errors.ts";
import { gpu } from "../../gpu/mod.ts";
import { oddIntensities } from "../../imaging/intensity_checks.ts";
import { mapOfRecipe } from "../../imaging/recipe.ts";
import type { Volume } from "../../imaging/volume.ts";
import { loadModel, type Model } from "../../model/model.ts";
import type { ModelClass } from "../../model/model_facts.ts";
import { segmentVolume } from "../../model/segment_volume.ts";
import { type LabelledScan, SupportSet } from "../../model/support_set.ts";
import type { Ask, Found, ModelAbout, ScanFit } from "../protocol.ts";

/** Slices after which a segmentation says how far it is: often enough to be seen to move. */
const SLICES_AT_A_TIME = 4;

/** A model with its shots: what segments scans. */
export class Engine {
  #model: Model | undefined;
  #supports: SupportSet | undefined;
  #cancel: AbortController | undefined;

  /** Makes the network of a model's file; the one before is freed. */
  async openModel({ bytes, name, sha256 }: Ask<"openModel">): Promise<ModelAbout> {
    const model = await loadModel(bytes, { name });
    this.#forgetShots();
    this.#model?.[Symbol.dispose]();
    // what lies in the page lacks what is never computed with; its sha256 is that of the file it was made of
    this.#model = { ...model, sha256: sha256 ?? model.sha256 };
    const { classes, metadata, network } = model;
    return {
      name,
      sha256: this.#model.sha256,
      classes,
      experiment: metadata.experiment ?? "",
      side: network.configuration.image,
      windowHU: this.#windowHU(),
      adapter: gpu().adapterName,
    };
  }

  /** How a scan lies to the model. */
  fitScan({ grid, extremes, name }: Ask<"fitScan">): ScanFit {
    const { map } = mapOfRecipe(this.#open().recipe, grid, name);
    return { sliceAxis: map.axes[2] as 0 | 1 | 2, warnings: this.#intensityWarnings({ ...grid, data: extremes }) };
  }

  /** Brings shots to the model. */
  useShots(shots: readonly LabelledScan[], classes: readonly ModelClass[]): string[] {
    this.#forgetShots();
    this.#supports = new SupportSet(this.#open(), shots, classes);
    return this.#supports.missing.map(({ name, voxels }) =>
      voxels === 0
        ? `"${name}" is painted nowhere`
        : `"${name}" is too small for this model: its ${voxels} voxels are lost on the model's coarser grid. Paint more of it`
    );
  }

  /** Segments a scan with the shots that were brought last. */
  async segment(
    { query, name, slices, largest, probabilities }: Ask<"segment">,
    onSlices: (done: number, total: number) => void,
  ): Promise<Found> {
    if (!this.#supports) throw new UserError("data", "Cannot segment: expected a painted slice, found none");
    this.#cancel = new AbortController();
    const kept: Found["probabilities"] = [];
    const { mask, classes, outside } = await segmentVolume(this.#open(), this.#supports, query, {
      name,
      slices,
      largest,
      slicesAtATime: SLICES_AT_A_TIME,
      onSlices,
      signal: this.#cancel.signal,
      onProbability: probabilities
        ? ({ value }, { data }) => void kept.push({ value, data: data as Float32Array<ArrayBuffer> })
        : undefined,
    });
    return { mask, classes, outside: outside / mask.data.length, probabilities: kept };
  }

  /** Ends a segmentation between slices. */
  cancel(): void {
    this.#cancel?.abort(new Cancelled());
  }

  #open(): Model {
    if (!this.#model) {
      throw new UserError("data", "Cannot segment: expected a model, found none. Drop a .safetensors file");
    }
    return this.#model;
  }

  #forgetShots(): void {
    this.#supports?.[Symbol.dispose]();
    this.#supports = undefined;
  }

  #windowHU(): readonly [number, number] | undefined {
    const step = this.#open().recipe.find((one) => one.step === "window");
    return step && [step.lowerHU, step.upperHU];
  }

  /** What the extremes of a scan say. */
  #intensityWarnings(extremes: Volume): string[] {
    const window = this.#windowHU();
    if (oddIntensities(extremes, undefined, window).length === 0) return [];
    return [
      window
        ? "This model was trained on CT in Hounsfield units, and this scan does not look like one: expect a poor mask, or use " +
          "a model that was trained on scans of this kind"
        : "This model was not trained on CT, and this scan looks like one: expect a poor mask, or use a model that was " +
          "trained on scans of this kind",
    ];
  }
}

/** A user ended it. */
export class Cancelled extends Error {
  override name = "Cancelled";
}
