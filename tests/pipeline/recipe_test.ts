import assert from "node:assert/strict";
import { join } from "node:path";
import { loadExperiment } from "../../src/cli/experiments.ts";
import { CMR_LABELLING } from "../../src/datasets/cmr.ts";
import { writeHearts } from "../../src/datasets/phantom_heart.ts";
import { writeMrPhantom } from "../../src/datasets/phantom_mr.ts";
import { writePhantom } from "../../src/datasets/phantom.ts";
import { allNotes, readRawImage, readRawLabel } from "../../src/datasets/raw_volumes.ts";
import { standardize } from "../../src/imaging/intensity.ts";
import { readNifti } from "../../src/imaging/files/nifti_file.ts";
import type { Labelling } from "../../src/imaging/labelling.ts";
import { applyToImage, applyToLabel, type Recipe } from "../../src/imaging/recipe.ts";
import { collectNodes, configure } from "../../src/pipeline/mod.ts";
import { randomRotation, rotated, storedAs, VOXEL_ORDERS } from "../../src/testing/voxel_orders.ts";
import { blockCase, describeCohort, writeVolume } from "../../src/testing/raw_cohort.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { Random } from "../../src/random.ts";
import { type Choices, SILENT } from "../../experiments/common/experiment.ts";
import { run, sets, tiny } from "./command_line.ts";

/** An experiment over a cohort: the stage whose volumes are trained on, and one case. */
interface Sample {
  experiment: string;
  write(dir: string): Promise<void>;
  args: string[];
  stage: string;
  id: string;
  /** Raw files of that case; those that a stage before has made, in the folder of its artifact. */
  files: { image: string; label: string; stages?: [image: string, label: string] };
  labelling: Labelling;
}

const upTo = (count: number): Labelling => ({ values: Array.from({ length: count }, (_, value) => value) });

const SAMPLES: Sample[] = [
  {
    experiment: "sabs",
    write: (dir) => writePhantom(dir, { cases: 8, size: 96, slices: 6, seed: 3 }),
    args: tiny(65),
    stage: "resample",
    id: "1",
    files: { image: "RawData/Training/img/img0002.nii.gz", label: "RawData/Training/label/label0002.nii.gz" },
    labelling: upTo(14),
  },
  {
    experiment: "cmr",
    write: (dir) => writeHearts(dir, { cases: 35, size: 64, slices: 5, seed: 3 }),
    args: tiny(64),
    stage: "normalize",
    id: "4",
    files: { image: "c0t2lge/patient4_C0.nii.gz", label: "c0gt/patient4_C0_manual.nii.gz" },
    labelling: CMR_LABELLING,
  },
  {
    experiment: "chaost2",
    write: (dir) => writeMrPhantom(dir, { cases: 20, size: 64, slices: 4, seed: 3 }),
    args: tiny(64),
    stage: "normalize",
    id: "3",
    files: { image: "image_3.nii.gz", label: "label_3.nii.gz", stages: ["dicom", "labels"] },
    labelling: upTo(5),
  },
  {
    experiment: "custom",
    async write(dir) {
      const random = new Random("recipe of custom");
      const rotation = randomRotation(random);
      await describeCohort(dir);
      for (const [shift, id] of ["a", "b"].entries()) {
        const { image, label } = blockCase({ shift });
        const stored = (volume: typeof image) =>
          storedAs(rotated(volume, rotation), VOXEL_ORDERS[random.integer(VOXEL_ORDERS.length)]);
        await writeVolume(join(dir, `imagesTr/${id}_0000.nii.gz`), stored(image));
        await writeVolume(join(dir, `labelsTr/${id}.nii.gz`), stored(label));
      }
    },
    args: tiny(65),
    stage: "normalize",
    id: "b",
    files: { image: "imagesTr/b_0000.nii.gz", label: "labelsTr/b.nii.gz" },
    labelling: upTo(3),
  },
];

/** The recipe that the model of an experiment will hold. */
async function recipeOf(experiment: string, data: string, args: readonly string[]): Promise<Recipe> {
  const loaded = await loadExperiment(experiment);
  const choices: Choices = { preset: "tiny", setting: 1, protocol: "published", fold: 0, seed: 2023, data };
  const settings = args.filter((_, i) => args[i - 1] === "--set");
  const config = configure(loaded.schema, loaded.defaults(choices), settings);
  const raw = await loaded.prepare(config, choices, SILENT);
  const { nodes } = collectNodes(() => loaded.build(raw, config, choices));
  return (nodes.find(({ stage }) => stage.name === "train")!.params as { recipe: Recipe }).recipe;
}

Deno.test("the recipe in a model's file makes of a raw scan what the stages make of it, to the bit", async (t) => {
  for (const { experiment, write, args, stage, id, files, labelling } of SAMPLES) {
    await t.step(experiment, () =>
      inFolder(async (dir) => {
        const data = join(dir, "data"), work = join(dir, "work");
        await write(data);
        const command = ["pipeline", experiment, "--data", data, "--work", work, ...args, ...sets("training.steps=1")];
        const { code, stderr } = await run(...command, "--until", stage);
        assert.equal(code, 0, stderr);
        const where = async (name: string) => (await run(...command, "--where", name)).stdout.trim();
        const [imageDir, labelDir] = files.stages ? await Promise.all(files.stages.map(where)) : [data, data];
        const quiet = allNotes(() => {});
        const rawImage = await readRawImage(join(imageDir, files.image), quiet);
        const published = experiment !== "custom";
        const label = await readRawLabel(join(labelDir, files.label), rawImage, { labelling, published }, quiet);
        const recipe = await recipeOf(experiment, data, args);
        const made = await where(stage);
        const trained = standardize(await readNifti(join(made, `image_${id}.nii.gz`)), "image");
        const image = applyToImage(recipe, rawImage, "image");
        assert.deepEqual(image.size, trained.size);
        assert.ok(image.data.every((value, i) => value === trained.data[i]), `${experiment}: another image`);
        const expected = (await readNifti(join(made, `label_${id}.nii.gz`))).data;
        const found = applyToLabel(recipe, label.volume).data;
        assert.ok(expected.some((value) => value > 0));
        assert.ok(found.every((value, i) => value === expected[i]), `${experiment}: other labels`);
      }));
  }
});
