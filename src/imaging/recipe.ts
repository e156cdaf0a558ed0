import { type Frame, orientationInFrame, singleAxis } from "./cohort.ts";
import { centredSquare, cropSlices } from "./crop.ts";
import { UserError } from "../errors.ts";
import { type Grid, turnGrid } from "./geometry.ts";
import {
  composed,
  type IndexMap,
  mapOfCrop,
  mapOfOrientation,
  mapOfSpacing,
  planesBack,
  SAME_INDEX,
} from "./index_map.ts";
import { cutHighest, standardize, windowIntensities } from "./intensity.ts";
import { fitRectangle, fitSquare, orient } from "./orient.ts";
import { resampledSize, resampleLabels, resampleLinear } from "./resample.ts";
import { extremes, type Triple, type Volume } from "./volume.ts";

/**
 * One step on the way of a raw scan to the network. A list of them, a recipe, is data: it stands in the model's file, and the
 * stages of every experiment, `segment` and the browser page do what it says with the functions of this file.
 */
export type RecipeStep =
  /** Brings the axes to those of a cohort's first case, slices last (docs/command-line.md, "Geometry"). */
  | { step: "orient"; frame: Frame }
  /** Clips to a window of HU and stretches what is left to 0..255 (docs/reference/preprocessing.md, 4.1). */
  | { step: "window"; lowerHU: number; upperHU: number }
  /** Sets the highest intensities to their percentile (docs/reference/preprocessing.md, 5.3, step 1). */
  | { step: "cut"; percent: number }
  /** Cuts a border off every slice (docs/reference/preprocessing.md, 4.2). */
  | { step: "border"; voxels: number }
  /** Multiplies the in-plane spacing (docs/reference/preprocessing.md, 4.2). */
  | { step: "scale"; factor: number }
  /** Gives the voxels a spacing in mm (docs/reference/preprocessing.md, 5.3, step 2). */
  | { step: "resample"; spacingMm: Triple }
  /** Crops or pads every slice to a square around its middle voxel (docs/reference/preprocessing.md, 5.3, step 3). */
  | { step: "square"; side: number }
  /** In-plane spacing in mm, of one slice the one at which its longer edge fills the side; slice spacing; a centred square. */
  | { step: "fit"; inPlaneMm: number; sliceSpacingMm: number | null; side: number }
  /** Zero mean and unit deviation over the volume (docs/reference/preprocessing.md, 10, step 3). */
  | { step: "standardise" };

/** The steps in order. */
export type Recipe = readonly RecipeStep[];

type StepOf<N extends RecipeStep["step"]> = Extract<RecipeStep, { step: N }>;

/** What a step does: to an image, to its labels, and to the grid of both. */
interface StepActions<S> {
  image(volume: Volume, step: S, name: string): Volume;
  label(volume: Volume, step: S): Volume;
  /** The grid after the step, and where voxels are on it. */
  grid(grid: Grid, step: S): { grid: Grid; map: IndexMap };
}

const sameLabel = (volume: Volume) => volume;
const sameGrid = (grid: Grid) => ({ grid, map: SAME_INDEX });

const ACTIONS: { [N in RecipeStep["step"]]: StepActions<StepOf<N>> } = {
  orient: {
    image: (volume, { frame }) => orient(volume, orientationInFrame(volume, frame)),
    label: (volume, { frame }) => orient(volume, orientationInFrame(volume, frame)),
    grid(grid, { frame }) {
      const orientation = orientationInFrame(grid, frame);
      return { grid: turnGrid(grid, orientation), map: mapOfOrientation(orientation, grid.size) };
    },
  },
  window: { image: windowIntensities, label: sameLabel, grid: sameGrid },
  cut: { image: (volume, { percent }, name) => cutHighest(volume, percent, name), label: sameLabel, grid: sameGrid },
  border: {
    image: (volume, step) => cropSlices(volume, innerRectangle(volume, step)),
    label: (volume, step) => cropSlices(volume, innerRectangle(volume, step)),
    grid(grid, step) {
      const { width, height, ...place } = innerRectangle(grid, step);
      return { grid: { ...grid, size: [width, height, grid.size[2]] }, map: mapOfCrop(place) };
    },
  },
  scale: {
    image: (volume, step) => resampleLinear(inFloat64(volume), scaledSpacing(volume, step)),
    label: (volume, step) => resampleLabels(volume, scaledSpacing(volume, step)),
    grid: (grid, step) => respaced(grid, scaledSpacing(grid, step)),
  },
  resample: {
    // as published, in the type of the file, and float64 from here on
    image: (volume, { spacingMm }) => inFloat64(resampleLinear(volume, spacingMm)),
    label: (volume, { spacingMm }) => inFloat64(resampleLabels(volume, spacingMm)),
    grid: (grid, { spacingMm }) => respaced(grid, spacingMm),
  },
  square: {
    image: (volume, { side }) => squared(volume, side, extremes(volume.data).lowest),
    label: (volume, { side }) => squared(volume, side, 0),
    grid(grid, { side }) {
      return { grid: { ...grid, size: [side, side, grid.size[2]] }, map: mapOfCrop(centredSquare(grid, side)) };
    },
  },
  fit: {
    image: (volume, step) => fitSquare(inFloat64(volume), fitOptions(volume, step, false)),
    label: (volume, step) => fitSquare(volume, fitOptions(volume, step, true)),
    grid(grid, step) {
      const { spacing, rectangle, slices } = fitRectangle(grid, fitOptions(grid, step, false));
      const { grid: finer, map } = respaced(grid, spacing);
      const size: Triple = [step.side, step.side, slices];
      return { grid: { ...finer, size }, map: composed(map, mapOfCrop(rectangle)) };
    },
  },
  standardise: { image: (volume, _, name) => standardize(volume, name), label: sameLabel, grid: sameGrid },
};

function actionsOf<S extends RecipeStep>(step: S): StepActions<S> {
  return ACTIONS[step.step] as unknown as StepActions<S>;
}

/**
 * Brings a raw image to the network.
 *
 * @param name of its file, for messages
 * @throws {UserError} if it is constant
 */
export function applyToImage(recipe: Recipe, image: Volume, name: string): Volume {
  return recipe.reduce((volume, step) => actionsOf(step).image(volume, step, name), image);
}

/** Brings class numbers on the grid of a raw image to the network. */
export function applyToLabel(recipe: Recipe, label: Volume): Volume {
  return recipe.reduce((volume, step) => actionsOf(step).label(volume, step), label);
}

/** Where the voxels of a raw scan are on the network's grid. */
export interface RecipeMap {
  /** From indices of the raw grid to those of the network's. */
  map: IndexMap;
  /** Size of the raw grid. */
  here: Triple;
  /** Size of the network's grid. */
  there: Triple;
}

/**
 * What a recipe does to a grid, without a voxel of it.
 *
 * @param name of the scan's file, for messages
 * @throws {UserError} if a step leaves nothing of it
 */
export function mapOfRecipe(recipe: Recipe, raw: Grid, name = "the scan"): RecipeMap {
  let grid = raw, map = SAME_INDEX;
  for (const step of recipe) {
    const next = actionsOf(step).grid(grid, step);
    if (next.grid.size.some((count) => count < 1)) {
      throw new UserError(
        "data",
        `Cannot use "${name}": expected a scan of which the step "${step.step}" (${
          JSON.stringify(step)
        }) leaves some voxels, ` +
          `found one of ${grid.size.join(" × ")}`,
      );
    }
    grid = next.grid;
    map = composed(map, next.map);
  }
  return { map, here: raw.size, there: grid.size };
}

/**
 * Undoes a recipe for values on the network's grid, such as probabilities: brings them onto the raw grid, linearly; 0 where the
 * network did not look.
 */
export function undo(values: Float32Array, raw: RecipeMap): Float32Array<ArrayBuffer> {
  const [nx, ny, nz] = raw.here;
  const result = new Float32Array(nx * ny * nz);
  let at = 0;
  for (const plane of undoByPlanes(values, raw)) {
    result.set(plane, at);
    at += plane.length;
  }
  return result;
}

/** The same plane by plane of the raw grid's last axis as it is stored, for large scans; a plane changes with the next. */
export function undoByPlanes(
  values: Float32Array,
  { map, here, there }: RecipeMap,
): Generator<Float32Array<ArrayBuffer>> {
  return planesBack(values, map, { there, here });
}

function innerRectangle({ size: [nx, ny] }: Pick<Grid, "size">, { voxels }: { voxels: number }) {
  return { x: voxels, y: voxels, width: nx - 2 * voxels, height: ny - 2 * voxels };
}

function scaledSpacing({ spacing: [x, y, z] }: Pick<Grid, "spacing">, { factor }: { factor: number }): Triple {
  return [x * factor, y * factor, z];
}

function respaced(grid: Grid, spacing: Triple): { grid: Grid; map: IndexMap } {
  const size = resampledSize(grid.size, grid.spacing, spacing);
  return { grid: { ...grid, size, spacing }, map: mapOfSpacing(grid.spacing, spacing) };
}

function squared(volume: Volume, side: number, fill: number): Volume {
  const [nx, ny] = volume.size;
  return nx === side && ny === side ? volume : cropSlices(volume, centredSquare(volume, side), { fill });
}

function fitOptions(
  { size, spacing }: Pick<Grid, "size" | "spacing">,
  { inPlaneMm, sliceSpacingMm, side }: StepOf<"fit">,
  labels: boolean,
) {
  const isSingle = singleAxis(size) !== undefined;
  // of one slice the longer edge fills the side, whatever its spacing
  const inPlane = isSingle ? Math.max(size[0] * spacing[0], size[1] * spacing[1]) / side : inPlaneMm;
  return { inPlane, between: isSingle ? undefined : sliceSpacingMm ?? undefined, side, labels };
}

function inFloat64(volume: Volume): Volume {
  return volume.data instanceof Float64Array ? volume : { ...volume, data: new Float64Array(volume.data) };
}
