import type { z } from "zod";
import type { Fold } from "../../src/fewshot/folds.ts";
import { type CasesHandle, type Choices, only, type Outcome, rawFile } from "../../src/pipeline/mod.ts";
import { support, testedLabels } from "../../src/stages/support.ts";
import { test } from "../../src/stages/test.ts";
import { snapshotOf, train } from "../../src/stages/train.ts";
import type { commonSchema } from "./presets.ts";

/** What few-shot learning starts from, whatever the data set. */
export interface Prepared {
  /** Preprocessed images. */
  images: CasesHandle;
  /** Their labels, which only tests see, and Setting 2's exclusion of slices. */
  labels: CasesHandle;
  /** Their supervoxels. */
  pseudo: CasesHandle;
  /** Which case does what. */
  fold: Fold;
}

/** What an experiment's results say of it. */
export interface About {
  /** Name of the experiment. */
  experiment: string;
  /** Name of the data set. */
  dataset: string;
  /** Names of all classes by label value. */
  classes: readonly string[];
  /** Label value that files hold for every class, where they are not 0, 1, 2, … */
  labelValues?: readonly number[];
  /** What the model's file says of how a raw scan is brought to it: stages with their parameters, in order. */
  preprocessing: ({ stage: string } & Record<string, unknown>)[];
}

/** The second half of every experiment: the support is looked at, the fold's cases train, its test cases are scored. */
export function fewShot(
  { images, labels, pseudo, fold }: Prepared,
  config: z.output<typeof commonSchema>,
  choices: Choices,
  about: About,
): Outcome {
  const classes = [...about.classes];
  const tested = testedLabels(config.test.labels, classes);
  const labelValues = about.labelValues && [...about.labelValues];
  support({ labels: only(labels, [fold.support]) }, { support: fold.support, classes, tested, labelValues });
  const { model } = train({
    images: only(images, fold.train),
    pseudo: only(pseudo, fold.train),
    // Setting 1 never sees a label
    exclusion: choices.setting === 2 ? only(labels, fold.train) : undefined,
    weights: choices.weights === undefined ? undefined : rawFile(choices.weights),
  }, {
    network: config.network,
    training: config.training,
    seed: choices.seed,
    about: { experiment: about.experiment, dataset: about.dataset },
    preprocessing: about.preprocessing,
    excluded: choices.setting === 2 ? tested : [],
    // as published, the training loader does not map stored values: it finds none of the excluded classes
    labelValues: choices.setting === 2 && choices.protocol === "volume" ? labelValues : undefined,
  });
  const cases = [fold.support, ...fold.query];
  const { scores } = test({
    images: only(images, cases),
    labels: only(labels, cases),
    model: snapshotOf(model, config.test.snapshot, config.training),
  }, {
    experiment: about.experiment,
    dataset: about.dataset,
    fold: choices.fold,
    setting: choices.setting,
    protocol: choices.protocol,
    support: fold.support,
    query: fold.query,
    classes,
    tested,
    labelValues,
    network: config.network,
  });
  return { scores };
}
