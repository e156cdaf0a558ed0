import { z } from "zod";
import { readCustomCase, readRawCase } from "../../src/datasets/custom_case.ts";
import { customCohort, readableImages, usableCases, type UserDataset } from "../../src/datasets/nnunet.ts";
import { UserError } from "../../src/errors.ts";
import type { Recipe } from "../../src/imaging/recipe.ts";
import { customRecipe } from "../../src/imaging/recipes.ts";
import { type CustomCases, customFold, customFoldCount } from "../../src/fewshot/custom_folds.ts";
import type { Fold, TrainingFold } from "../../src/fewshot/folds.ts";
import { only, rawCases } from "../../src/pipeline/mod.ts";
import { type Experiment, experiment, SILENT, type Tell } from "./experiment.ts";
import { normalize } from "../../src/stages/normalize.ts";
import { sliceIndex } from "../../src/stages/slice_index.ts";
import { supervoxels } from "../../src/stages/supervoxels.ts";
import { fewShot } from "./few_shot.ts";
import { foldInWords, segmentationInWords } from "./fold_in_words.ts";
import { casesOf as allCases, verify } from "./verify.ts";
import { commonSchema, presetConfiguration } from "./presets.ts";

const schema = commonSchema.extend({
  data: z.object({
    sliceAxis: z.union([z.literal(0), z.literal(1), z.literal(2)]).nullable()
      .describe("voxel axis of the first case along which all are cut; null: the thick axis of each"),
    sliceSpacingMm: z.number().positive().nullable().describe("distance of the slices in mm; null: that of each case"),
    inPlaneMm: z.number().positive().nullable().describe("size of a pixel in mm; null: the largest case fills a slice"),
    intensity: z.enum(["channel", "window", "percentile"])
      .describe("how intensities are cut; channel: window for a channel that is named CT, else percentile"),
    windowHU: z.tuple([z.number(), z.number()])
      .refine(([lower, upper]) => lower < upper, "expected the lower end first, then a higher one")
      .describe("lower and upper end of the window"),
    cutPercent: z.number().min(0).max(50).describe("share of the highest intensities that is cut, in percent"),
  }),
});

type Config = z.output<typeof schema>;

/** A data set of a user's own. */
export interface OwnData {
  /** Name of the experiment, that of its module. */
  name: string;
  /** What it is, for the help. */
  about: string;
  /**
   * Lists what lies in a folder, also the cases that cannot be used.
   *
   * @throws {UserError} if it cannot be listed
   */
  list(folder: string): Promise<UserDataset>;
}

/**
 * The experiment of a user's own volumes and labels, whatever their layout (docs/command-line.md, "`custom`: a user's own data").
 */
export const ownData = ({ name, about: purpose, list }: OwnData): Experiment =>
  experiment({
    name,
    about: purpose,
    defaultPreset: "tiny",
    schema,
    defaults: ({ preset }) => ({
      ...presetConfiguration(preset),
      data: {
        sliceAxis: null,
        sliceSpacingMm: null,
        inPlaneMm: null,
        intensity: "channel" as const,
        windowHU: [-125, 275] as [number, number],
        cutPercent: 0.5,
      },
    }),
    async folds(_, { data }) {
      return customFoldCount(casesOf(await list(data)));
    },
    async prepare(config, { data, fold, seed, setting }, tell) {
      const dataset = await tell.once("files", () => list(data).then(usableCases));
      dataset.warnings.forEach(tell.warn);
      for (const [id, why] of dataset.leftOut) tell.leaveOut(id, why);
      const { network: { image }, data: { sliceAxis } } = config;
      const cohort = await tell.once(`cohort ${image} ${sliceAxis}`, () => cohortOf(dataset, config));
      cohort.decisions.forEach(tell.say);
      cohort.warnings.forEach(tell.warn);
      tell.say(intensityInWords(config, dataset));
      const cases = casesOf(dataset), { labelled } = cases;
      const chosen = ofSetting(setting, customFold(cases, fold, seed), labelled, tell);
      tell.say(foldInWords(chosen, { number: fold, labelled, test: config.test }));
      const targets = targetsOf(dataset);
      if (targets.size > 0) {
        tell.say(segmentationInWords([...targets.keys()], { labelled, fold: chosen, test: config.test }));
      }
      return { dataset, cohort, fold: chosen };
    },
    async *verify(config, choices) {
      const dataset = await list(choices.data);
      const { images, labels, further, unpaired, about } = dataset;
      const readable = await readableImages(images);
      let fault: unknown;
      const cohort = readable.size === 0
        ? undefined
        : await cohortOf({ ...dataset, images: readable }, config).catch((error) => void (fault = error));
      const options = cohort && {
        recipe: recipeOf(config, dataset, cohort),
        classes: about.classes,
        labelling: about.labelling,
      };
      const cases = casesOf(dataset);
      yield* verify({
        cases: allCases([...images.keys(), ...further.keys()], unpaired, (a, b) => a < b ? -1 : a > b ? 1 : 0),
        labelled: cases.labelled,
        classes: about.classes,
        values: about.labelling.values,
        read: async (id, notes) => {
          const files = { image: images.get(id) ?? further.get(id)!, label: labels.get(id) };
          return await (options ? readCustomCase(files, options, notes) : readRawCase(files, about, notes));
        },
        fold: () => {
          if (fault) throw fault; // without a common frame files are still read, but nothing is trained
          return ofSetting(choices.setting, customFold(cases, choices.fold, choices.seed), cases.labelled, SILENT);
        },
        excludes: choices.setting === 2,
        singleSlices: true,
      }, config);
    },
    build({ dataset, cohort, fold }, config, choices) {
      const { about } = dataset;
      const recipe = recipeOf(config, dataset, cohort);
      const { images, labels } = dataset;
      const labelled = [...labels.keys()];
      const unlabelled = [...images.keys()].filter((id) => !labels.has(id));
      const normalized = normalize({ images: rawCases(images, unlabelled), labels: rawCases(labels) }, {
        recipe,
        classes: about.classes,
        labelling: { ...about.labelling, values: [...about.labelling.values] },
      });
      const volumes = {
        images: normalized.images,
        labels: only(normalized.labels, labelled),
        classes: only(normalized.classes, labelled),
      };
      if (labelled.length > 0) {
        sliceIndex({ labels: volumes.labels }, { classes: about.classes, minPixels: [1, 100] });
      }
      const { pseudo } = supervoxels({ images: volumes.images }, {
        ...config.supervoxels,
        // of one slice every supervoxel should be large enough for an episode
        ...(cohort.single.length > 0 ? { minPixels: config.training.minArea } : {}),
      });
      const targets = targetsOf(dataset);
      const raw = {
        images: rawCases(images),
        labels: rawCases(labels),
        targets: rawCases(targets, [...targets.keys()]),
      };
      return fewShot({ ...volumes, pseudo, fold, singleSlices: cohort.single.length > 0, raw }, config, choices, {
        experiment: name,
        dataset: about.name ?? name,
        classes: about.classes,
        values: about.labelling.values,
        recipe,
      });
    },
  });

type Cohort = Awaited<ReturnType<typeof customCohort>>;

/** Raw images that are segmented for their user: those of cases without labels, and of `imagesTs`. */
function targetsOf({ images, labels, further }: UserDataset): Map<string, string> {
  return new Map([...[...images].filter(([id]) => !labels.has(id)), ...further]);
}

function casesOf({ images, labels, splits }: UserDataset): CustomCases {
  const labelled = [...labels.keys()];
  return { labelled, unlabelled: [...images.keys()].filter((id) => !labels.has(id)), splits };
}

async function cohortOf(dataset: UserDataset, { network, data }: Config): Promise<Cohort> {
  return await customCohort(dataset, { side: network.image, sliceAxis: data.sliceAxis ?? undefined });
}

/** How cases are brought to the common form. */
function recipeOf({ network, data }: Config, dataset: UserDataset, cohort: Cohort): Recipe {
  const { windowHU: [lowerHU, upperHU], cutPercent, inPlaneMm, sliceSpacingMm } = data;
  return customRecipe({
    intensity: isWindowed(data, dataset) ? { lowerHU, upperHU } : { cutPercent },
    frame: cohort.frame,
    inPlaneMm: inPlaneMm ?? cohort.inPlaneMm,
    sliceSpacingMm,
    side: network.image,
  });
}

/** Whether intensities go through the window of HU, else through the percentile. */
function isWindowed({ intensity }: Config["data"], { about }: UserDataset): boolean {
  return intensity === "window" || intensity === "channel" && about.channel.trim().toUpperCase() === "CT";
}

function intensityInWords({ data }: Config, dataset: UserDataset): string {
  const why = data.intensity === "channel"
    ? `since the channel is "${dataset.about.channel}"`
    : `as data.intensity=${data.intensity} says`;
  return isWindowed(data, dataset)
    ? `intensities are clipped to ${data.windowHU.join("..")} HU, ${why}`
    : `intensities above the ${100 - data.cutPercent} % percentile are cut, ${why}`;
}

/** Under Setting 2 labelled cases alone train: nobody knows what the others show. */
function ofSetting<T extends Fold | TrainingFold>(
  setting: 1 | 2,
  fold: T,
  labelled: readonly string[],
  tell: Tell,
): T {
  if (setting === 1) return fold;
  const train = fold.train.filter((id) => labelled.includes(id));
  const left = fold.train.length - train.length;
  if (train.length === 0) {
    throw new UserError(
      "data",
      `Cannot train under Setting 2: expected labelled training cases, found none among ${fold.train.length}, since it is ` +
        "not known what the others show. Choose --setting 1",
    );
  }
  if (left > 0) tell.say(`Setting 2 trains on the ${train.length} labelled cases; ${left} without labels are left out`);
  return { ...fold, train };
}
