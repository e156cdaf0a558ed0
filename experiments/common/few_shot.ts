import type { z } from "zod";
import type { Fold, TrainingFold } from "../../src/fewshot/folds.ts";
import type { Frame } from "../../src/imaging/cohort.ts";
import type { Recipe } from "../../src/imaging/recipe.ts";
import { onlySupport, planShots } from "../../src/fewshot/shots.ts";
import { wantedClasses } from "../../src/fewshot/tested_classes.ts";
import { type CasesHandle, only, rawFile } from "../../src/pipeline/mod.ts";
import type { Choices, Outcome } from "./experiment.ts";
import { segment } from "../../src/stages/segment.ts";
import { support } from "../../src/stages/support.ts";
import { test } from "../../src/stages/test.ts";
import { snapshotOf, train } from "../../src/stages/train.ts";
import type { commonSchema } from "./presets.ts";

/** What few-shot learning starts from, whatever the data set. */
export interface Prepared {
  /** Preprocessed images. */
  images: CasesHandle;
  /** Their labels, which only tests see, and Setting 2's exclusion of slices; of the cases that have some. */
  labels: CasesHandle;
  /** Voxels of every class of these before and after resampling, where they are known. */
  classes?: CasesHandle;
  /** Supervoxels of all images. */
  pseudo: CasesHandle;
  /** Which case does what. */
  fold: Fold | TrainingFold;
  /** Whether cases of one slice train. */
  singleSlices?: boolean;
  /** Raw files of the cases with labels, and of those that are segmented for their user. */
  raw?: { images: CasesHandle; labels: CasesHandle; targets: CasesHandle };
}

/** What an experiment's results say of it. */
export interface About {
  /** Name of the experiment. */
  experiment: string;
  /** Name of the data set. */
  dataset: string;
  /** Names of all classes by class number. */
  classes: readonly string[];
  /** What the user's files store for each class; its number unless given. */
  values?: readonly number[];
  /** As published, Setting 2 finds none of the classes in the files and leaves no slice out. */
  excludesNothing?: boolean;
  /** How a raw scan is brought to preprocessed volumes, which the model's file says, too. */
  recipe: Recipe;
  /** Of a set whose cases are not turned, as published, the axes of its scans: those of users are turned to them. */
  frame?: Frame;
}

/** The second half of every experiment: the support is looked at, the fold's cases train, its test cases are scored. */
export function fewShot(
  { images, labels, classes: voxels, pseudo, fold, singleSlices, raw }: Prepared,
  config: z.output<typeof commonSchema>,
  choices: Choices,
  about: About,
): Outcome {
  const classes = about.classes.map((name, number) => ({ name, value: about.values?.[number] ?? number }));
  const wanted = wantedClasses(config.test.labels, classes);
  const plan = fold.support === undefined ? undefined : planShots(fold, labels.ids, config.test);
  const shots = plan?.supports.slice(0, plan.shots[0]) ?? onlySupport(labels.ids, config.test);
  if (shots.length > 0) {
    const [first] = shots;
    support({ labels, classes: voxels }, { support: first, classes, ...wanted });
  }
  const excludes = choices.setting === 2 && !about.excludesNothing;
  const { model } = train({
    images: only(images, fold.train),
    pseudo: only(pseudo, fold.train),
    // Setting 1 never sees a label
    exclusion: excludes ? only(labels, fold.train) : undefined,
    weights: choices.weights === undefined ? undefined : rawFile(choices.weights),
  }, {
    network: config.network,
    training: config.training,
    seed: choices.seed,
    about: { experiment: about.experiment, dataset: about.dataset },
    recipe: [
      ...(about.frame ? [{ step: "orient" as const, frame: about.frame }] : []),
      ...about.recipe,
      { step: "standardise" },
    ],
    classes: classes.slice(1),
    excluded: excludes ? wanted.tested : [],
    ...(singleSlices ? { singleSlices: true as const } : {}),
  });
  const snapshot = snapshotOf(model, config.test.snapshot, config.training);
  let segmentation: Outcome["segmentation"];
  if (raw && raw.targets.ids.length > 0 && shots.length > 0) {
    const { masks } = segment({
      images: raw.targets,
      model: snapshot,
      supportImages: only(raw.images, shots),
      supportLabels: only(raw.labels, shots),
    }, {
      classes: wanted.tested.map((number) => classes[number]),
      supports: shots,
      largest: config.test.largest,
    });
    segmentation = { masks, scans: raw.targets };
  }
  const { dataset } = about;
  if (!plan) return { dataset, model, segmentation };
  const cases = [...plan.supports, ...plan.query];
  const tested = { images: only(images, cases), labels: only(labels, cases) };
  const { scores } = test({
    ...tested,
    model: snapshot,
  }, {
    experiment: about.experiment,
    dataset,
    fold: choices.fold,
    setting: choices.setting,
    protocol: choices.protocol,
    supports: plan.supports,
    shots: plan.shots,
    query: plan.query,
    classes,
    ...wanted,
    ...(config.test.largest ? { largest: true as const } : {}),
  });
  return { dataset, model, test: { scores, ...tested }, segmentation };
}
