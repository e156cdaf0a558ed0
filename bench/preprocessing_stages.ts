import { sabsRecipe } from "../src/imaging/recipes.ts";
import { join } from "node:path";
import { SABS_CLASSES } from "../src/datasets/sabs.ts";
import { type CasesHandle, collectNodes, type Node, rawCases } from "../src/pipeline/mod.ts";
import { resample } from "../src/stages/resample.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { window } from "../src/stages/window.ts";

/** A stage and one case for it: all that another process needs to make it. */
export interface StageWork {
  /** Which stage. */
  stage: "window" | "resample" | "index" | "supervoxels";
  /** Folder of its input files. */
  from: string;
  /** Folder for its output files. */
  to: string;
  /** Side of a raw slice in voxels. */
  size: number;
}

/** Time and memory of one piece of work in a process of its own. */
export interface Cost {
  /** From reading to writing, in milliseconds; the start of the process is not counted. */
  wallMs: number;
  /** Time of all processors, user and system, in milliseconds. */
  cpuMs: number;
  /** Most memory of the whole process in MiB; `null` where the system does not say. */
  peakMib: number | null;
}

/** The one case. */
export const CASE = "0";

/** File names of the case in every folder but the raw one, which both implementations read and write. */
export const FILES = {
  image: `image_${CASE}.nii.gz`,
  label: `label_${CASE}.nii.gz`,
  superpix: `superpix_${CASE}.nii.gz`,
};

/** The published parameters at a side of 512, in proportion at others. */
export function stageParameters(size: number): {
  window: { lowerHU: number; upperHU: number };
  resample: { full: number; border: number; target: number };
  minPixels: number[];
  classes: string[];
  minVoxels: number;
} {
  const target = Math.round(size / 2);
  return {
    window: { lowerHU: -125, upperHU: 275 },
    resample: { full: size, border: Math.round(size / 16), target },
    minPixels: [1, 100],
    classes: [...SABS_CLASSES],
    minVoxels: Math.round(5000 * ((target + 1) / 257) ** 2),
  };
}

/** Makes a stage's files as the pipeline does. */
export async function makeStage({ stage, from, to, size }: StageWork): Promise<void> {
  const parameters = stageParameters(size);
  const recipe = sabsRecipe(parameters.window, { ...parameters.resample, side: parameters.resample.target + 1 });
  const input = (file: string): CasesHandle => rawCases(new Map([[CASE, join(from, file)]]));
  const images = input(FILES.image), labels = input(FILES.label);
  const { nodes: [node] } = collectNodes(() => {
    switch (stage) {
      case "window":
        return window({ images, labels }, { recipe: recipe.window, classes: parameters.classes.length });
      case "resample":
        return resample({ images, labels }, { recipe: recipe.resample });
      case "index":
        return sliceIndex({ labels }, { classes: parameters.classes, minPixels: parameters.minPixels });
      case "supervoxels":
        return supervoxels({ images }, { minVoxels: parameters.minVoxels });
    }
  });
  await node.stage.run({
    id: CASE,
    inputs: pathsOf(node),
    params: node.params,
    output: to,
    signal: new AbortController().signal,
    progress: () => {},
    warn: () => {},
  });
}

/** A path of every input, or for a whole stage the paths of its cases. */
function pathsOf({ inputs, byCase }: Node): Record<string, unknown> {
  const entries = Object.entries(inputs).map(([name, handle]) => {
    const path = (handle as CasesHandle).file(CASE);
    return [name, byCase ? path : { [CASE]: path }];
  });
  return Object.fromEntries(entries);
}
