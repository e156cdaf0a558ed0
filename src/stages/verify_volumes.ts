import { gridProblems, type Listing } from "../datasets/sabs.ts";
import { UserError } from "../errors.ts";
import { byNumber } from "../imaging/class_map.ts";
import { readNifti } from "../imaging/io/nifti.ts";
import { extremes, type Volume } from "../imaging/volume.ts";
import type { CaseFindings } from "../pipeline/mod.ts";
import { checkLabels, valuesOf } from "./check_labels.ts";

/** What the files of a data set have to be. */
export interface Expected {
  /** Number of classes, background included; or the stored label value of each. */
  classes: number | readonly number[];
  /** Window that intensities are clipped to, if they are: something has to differ within. */
  windowHU?: readonly [lower: number, upper: number];
}

/** Reads every file of a data set whole and tells what is wrong with each case. */
export async function* verifyVolumes(listing: Listing, expected: Expected): AsyncGenerator<CaseFindings> {
  const { images, labels, unpaired } = listing;
  for (const id of [...images.keys(), ...unpaired.keys()].sort(byNumber)) {
    const alone = unpaired.get(id);
    yield alone === undefined
      ? { id, ...await findings({ id, image: images.get(id)!, label: labels.get(id)! }, expected) }
      : { id, about: "", problems: [alone] };
  }
}

async function findings(
  files: { id: string; image: string; label: string },
  { classes, windowHU = [-Infinity, Infinity] }: Expected,
): Promise<Omit<CaseFindings, "id">> {
  const problems: string[] = [], warnings: string[] = [];
  const read = async (path: string) => {
    try {
      return await readNifti(path);
    } catch (error) {
      problems.push(messageOf(error));
    }
  };
  const image = await read(files.image), label = await read(files.label);
  if (image && label) {
    const grids = { images: new Map([[files.id, files.image]]), labels: new Map([[files.id, files.label]]), warnings };
    problems.push(...await gridProblems(grids));
  }
  if (image && isConstant(image, windowHU)) {
    const within = Number.isFinite(windowHU[0]) ? ` within ${windowHU.join("..")} HU` : "";
    problems.push(`"${files.image}": expected intensities that differ${within}, found one value in every voxel`);
  }
  if (label) {
    try {
      checkLabels(label, { ...label }, { classes, name: files.label });
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  const about = image && label
    ? [`${image.size.join(" × ")}, labels ${[...valuesOf(label)].sort((a, b) => a - b).join(" ")}`, ...warnings].join(
      "; ",
    )
    : "";
  return { about, problems };
}

function isConstant({ data }: Volume, [lower, upper]: readonly [lower: number, upper: number]): boolean {
  const { lowest, highest } = extremes(data);
  const clip = (value: number) => Math.min(Math.max(value, lower), upper);
  return clip(lowest) === clip(highest);
}

function messageOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}
