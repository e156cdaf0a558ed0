import { UserError } from "../../src/errors.ts";
import { episodeIndex, excludedSlices, nothingToTrainOn, trainingPairs } from "../../src/fewshot/episode.ts";
import type { Fold, TrainingFold } from "../../src/fewshot/folds.ts";
import { type NamedClass, type Presence, shownClasses } from "../../src/fewshot/tested_classes.ts";
import type { ReadCase } from "../../src/datasets/read_case.ts";
import type { RawNotes } from "../../src/imaging/label_values.ts";
import { axisCodes } from "../../src/imaging/geometry.ts";
import { type ClassVoxels, wayToKeep } from "../../src/imaging/small_structures.ts";
import { supervoxels } from "../../src/imaging/supervoxels.ts";
import type { Triple } from "../../src/imaging/volume.ts";
import type { CaseFindings } from "./experiment.ts";

/** What `verify` needs to know of an experiment: the same that its stages do. */
export interface Verifiable {
  /** Ids of all cases, in order, and what is wrong with those that cannot be read at all. */
  cases: ReadonlyMap<string, readonly string[]>;
  /** Reads a case just as the stages do. */
  read(id: string, notes: RawNotes): Promise<ReadCase>;
  /** All classes by number. */
  classes: readonly NamedClass[];
  /** Class numbers that are tested, and whether the user named them. */
  wanted: { tested: number[]; named: boolean };
  /** The fold that would run; throws what the pipeline would. */
  fold(): { fold: Fold | TrainingFold; support: string | undefined };
  /** What decides whether a case can be trained on. */
  training: {
    /** Smallest supervoxel of a volume. */
    minVoxels: number;
    /** The same of a case of one slice, where such cases train. */
    minPixels?: number;
    /** Smallest area in an episode. */
    minArea: number;
    /** Classes that Setting 2 leaves out. */
    excluded: readonly number[];
  };
}

/**
 * Reads every file of a data set whole and tells case by case what was decided, what is odd and what is wrong; then whether the
 * fold can be tested and trained. What passes here, the pipeline takes.
 */
export async function* verifyCases(work: Verifiable): AsyncGenerator<CaseFindings> {
  const { cases, classes } = work;
  const voxelsOf = new Map<string, ClassVoxels[]>();
  let isWhole = true;
  for (const [id, problems] of cases) {
    if (problems.length > 0) {
      isWhole = false;
      yield { id, about: "", problems: [...problems], warnings: [] };
      continue;
    }
    const warnings: string[] = [];
    const note = (message: string) => void warnings.push(message);
    try {
      const read = await work.read(id, { header: note, voxels: note });
      if (read.label) voxelsOf.set(id, read.voxels);
      yield { id, about: aboutCase(read, classes), problems: [], warnings };
    } catch (error) {
      isWhole = false;
      yield { id, about: "", problems: [messageOf(error)], warnings };
    }
  }
  if (!isWhole) return; // whatever stops a case stops the fold as well
  const findings: CaseFindings = { id: "", about: "", problems: [], warnings: [] };
  try {
    const { fold, support } = work.fold();
    if (support !== undefined) {
      const presence = (id: string) => (number: number) => presenceOf(voxelsOf.get(id) ?? [], number);
      const others = (number: number) => [...voxelsOf.keys()].filter((id) => presence(id)(number).after > 0);
      const { line } = shownClasses(work.wanted, { support, classes, presence: presence(support), others });
      if (line) findings.warnings.push(line);
    }
    await expectTrainable(work, fold.train);
  } catch (error) {
    findings.problems.push(messageOf(error));
  }
  yield findings;
}

function presenceOf(voxels: readonly ClassVoxels[], number: number): Presence {
  const found = voxels.find(({ label }) => label === number);
  return { after: found?.after ?? 0, before: found?.before, wayToKeep: found && wayToKeep(found) };
}

/** Throws what training would, if no case of the fold has an episode; stops at the first that has. */
async function expectTrainable({ read, training }: Verifiable, train: readonly string[]): Promise<void> {
  const { minVoxels, minPixels = minVoxels, minArea, excluded } = training;
  const allowsSingle = training.minPixels !== undefined;
  for (const id of train) {
    const { image, label } = await read(id, { header: () => {}, voxels: () => {} });
    const area = image.size[0] * image.size[1];
    const options = { minVoxels: image.size[2] === 1 ? minPixels : minVoxels };
    const { labels } = supervoxels(image, options, id);
    const left = label && excluded.length > 0 ? excludedSlices(label.data, excluded, area) : [];
    if (trainingPairs(episodeIndex(id, labels, { area, excluded: left, allowsSingle }), minArea).size > 0) return;
  }
  throw new UserError("data", nothingToTrainOn({ minArea, cases: train.length, isSetting2: excluded.length > 0 }));
}

function aboutCase({ raw, range, image, voxels }: ReadCase, classes: readonly NamedClass[]): string {
  const mm = (spacing: Triple) => spacing.map((value) => Number(value.toPrecision(4))).join(" × ");
  const short = (value: number) => Number(value.toPrecision(5));
  const counts = voxels.map(({ label, before, after }) => `${classes[label].name} ${before} → ${after}`);
  return [
    `${raw.size.join(" × ")} of ${mm(raw.spacing)} mm, ${axisCodes(raw.affine)}`,
    `intensities ${short(range.lowest)}..${short(range.highest)}`,
    `becomes ${image.size.join(" × ")} of ${mm(image.spacing)} mm`,
    ...counts.length > 0 ? [`voxels ${counts.join(", ")}`] : [],
  ].join("; ");
}

function messageOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}
