import type { Chaost2Files } from "../datasets/chaost2.ts";
import { CHAOST2_CLASSES } from "../datasets/chaost2_classes.ts";
import { readChaost2Image, readChaost2Labels } from "../datasets/chaost2_volumes.ts";
import { UserError } from "../errors.ts";
import { byNumber } from "../imaging/class_map.ts";
import { extremes } from "../imaging/volume.ts";
import type { CaseFindings } from "../pipeline/mod.ts";
import { checkLabels, valuesOf } from "./check_labels.ts";

/** Converts every case of CHAOST2, reads its ground truth, and tells what is wrong with each. */
export async function* verifyChaost2({ series, ground, incomplete }: Chaost2Files): AsyncGenerator<CaseFindings> {
  for (const id of [...series.keys(), ...incomplete.keys()].sort(byNumber)) {
    const problems = incomplete.get(id);
    yield problems
      ? { id, about: "", problems }
      : { id, ...await findings({ series: series.get(id)!, ground: ground.get(id)! }) };
  }
}

async function findings(files: { series: string; ground: string }): Promise<Omit<CaseFindings, "id">> {
  try {
    const { volume: image, warnings } = await readChaost2Image(files.series);
    const { lowest, highest } = extremes(image.data);
    if (lowest === highest) {
      const problem = `"${files.series}": expected intensities that differ, found ${lowest} in every voxel`;
      return { about: "", problems: [problem] };
    }
    const truth = await readChaost2Labels(files, image);
    checkLabels(truth.label, image, { classes: CHAOST2_CLASSES.length, name: files.ground });
    const values = [...valuesOf(truth.label)].sort((a, b) => a - b).join(" ");
    const about = [`${image.size.join(" × ")}, labels ${values}`, ...warnings, ...truth.warnings].join("; ");
    return { about, problems: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { about: "", problems: [error.message] };
  }
}
