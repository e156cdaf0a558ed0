import { dirname, join } from "node:path";
import { makeScores, type Measured } from "../inference/results.ts";
import { casesCsv } from "../inference/results_tables.ts";
import { predictionNames } from "../inference/prediction_names.ts";
import { measure, type Protocol } from "../inference/protocol.ts";
import { readNifti, writeNifti } from "../imaging/files/nifti_file.ts";
import { maskOf } from "../imaging/labelling.ts";
import type { Volume } from "../imaging/volume.ts";
import { hashText } from "../pipeline/digest.ts";
import { beginArtifact, finishArtifact } from "../pipeline/store.ts";
import type { SegmentedSource } from "../report/gather/segmented_cases.ts";
import type { TestSource } from "../report/gather/test_artifact.ts";

/** A case of a run that was made up. */
export interface MadeCase {
  id: string;
  /** The preprocessed image, and class numbers. */
  load(): Promise<{ image: Volume; label: Volume }>;
  /** The predicted mask of a class, by its number. */
  mask(number: number, label: Volume): Uint8Array<ArrayBuffer>;
}

/** Writes an artifact as a stage would. */
export async function artifact(
  directory: string,
  stage: string,
  name: string,
  about: { parameters?: unknown; inputs?: Record<string, unknown> },
  write: (output: string) => Promise<void>,
): Promise<{ dir: string; input: (file: string) => unknown }> {
  const key = hashText(name).slice(0, 24), dir = join(directory, stage, key);
  await write(await beginArtifact(dir, { resume: false, forced: false }));
  const { files } = await finishArtifact(dir, {
    ...{ stage, version: 1, key, parameters: {}, inputs: {}, versions: {}, warnings: [] },
    startTime: new Date().toISOString(),
    ...about,
  });
  return {
    dir,
    input: (file) => ({ sha256: files.find(({ path }) => path === file)!.content, stage, key, file }),
  };
}

/** Lines of a training's log. */
export function metrics(steps: number): string {
  return Array.from({ length: steps }, (_, i) => {
    const values = {
      total: 4 - i / steps,
      query: 0.5,
      dice: 0.9,
      episodeDice: i / steps,
      learningRate: 1e-3,
      threshold: -14,
    };
    return JSON.stringify({ step: i + 1, case: "0", ...values, gradientNorm: 3, milliseconds: 500 }) + "\n";
  }).join("");
}

/**
 * Writes the artifacts of a run whose masks are given: volumes, a training's log, and the test with its scores.
 *
 * @param directory `WORK/EXPERIMENT`
 * @param cases the first of which is the support
 * @param options.classes names, background first
 */
export async function makeRun(
  directory: string,
  cases: readonly MadeCase[],
  {
    classes,
    numbers = [...classes.keys()],
    protocol = "published",
    fold = 0,
    experiment = "custom",
    dataset = "made up",
  }: {
    classes: readonly string[];
    /** Numbers of the classes in label volumes; their positions unless given. */
    numbers?: readonly number[];
    protocol?: Protocol;
    fold?: number;
    experiment?: string;
    dataset?: string;
  },
): Promise<TestSource> {
  const volumes = await artifact(directory, "normalize", `volumes of fold ${fold}`, {}, async (output) => {
    for (const { id, load } of cases) {
      const { image, label } = await load();
      await writeNifti(join(output, `image_${id}.nii.gz`), image);
      await writeNifti(join(output, `label_${id}.nii.gz`), label);
    }
  });
  const trained = await artifact(directory, "train", `training of fold ${fold}`, {}, async (output) => {
    await Deno.writeTextFile(join(output, "metrics.jsonl"), metrics(30));
    await Deno.writeTextFile(join(output, "model.safetensors"), `a model of fold ${fold}`);
  });
  const [support, ...queries] = cases;
  const known = classes.map((name, i) => ({ name, value: numbers[i] }));
  const named = Array.from(
    { length: Math.max(...numbers) + 1 },
    (_, value) => known.find((one) => one.value === value) ?? { name: `other ${value}`, value },
  );
  const tested = known.slice(1).map(({ name, value }) => ({ name, label: value, cases: new Map<string, Measured>() }));
  const inputs = (kind: string) =>
    Object.fromEntries(cases.map(({ id }) => [id, volumes.input(`${kind}_${id}.nii.gz`)]));
  const about = {
    parameters: { experiment, dataset, fold, classes: named },
    inputs: { images: inputs("image"), labels: inputs("label"), model: trained.input("model.safetensors") },
  };
  const names = predictionNames(tested);
  const test = await artifact(directory, "test", `test of fold ${fold}`, about, async (output) => {
    await Deno.mkdir(join(output, "predictions"));
    const labelOf = (id: string) => readNifti(join(volumes.dir, `label_${id}.nii.gz`));
    const { data: supportLabels } = await labelOf(support.id);
    for (const { id, mask } of queries) {
      const label = await labelOf(id);
      for (const [i, { label: number, cases: ofClass }] of tested.entries()) {
        const predicted = mask(number, label), truth = maskOf(label.data, number);
        if (protocol === "published" && !truth.includes(1)) continue;
        const figures = (found: Uint8Array<ArrayBuffer>) => measure(found, truth, { protocol, ...label });
        const copied = maskOf(supportLabels, number);
        const sameSize = copied.length === truth.length;
        ofClass.set(id, {
          slices: label.size[2],
          figures: {
            network: figures(predicted),
            copy: figures(sameSize ? copied : new Uint8Array(truth.length)),
            interval: figures(new Uint8Array(truth.length)),
          },
          byShots: new Map([[1, figures(predicted)]]),
        });
        await writeNifti(join(output, `predictions/prediction_${id}_${names[i]}.nii.gz`), {
          ...label,
          data: predicted,
        });
      }
    }
    const run = { experiment, dataset, fold, setting: 1, protocol, support: support.id, step: 30 };
    const scores = makeScores({ ...run, shots: [1], supports: [support.id] }, tested);
    await Deno.writeTextFile(join(output, "scores.json"), JSON.stringify(scores, undefined, 1));
    await Deno.writeTextFile(join(output, "cases.csv"), casesCsv(scores, tested));
  });
  const files = (kind: string) =>
    Object.fromEntries(cases.map(({ id }) => [id, join(volumes.dir, `${kind}_${id}.nii.gz`)]));
  return { name: `fold ${fold}`, dir: test.dir, images: files("image"), labels: files("label") };
}

/** The folder of the training that {@link makeRun} left beside a test. */
export function trainingBeside({ dir }: TestSource, fold = 0): string {
  return join(dirname(dirname(dir)), "train", hashText(`training of fold ${fold}`).slice(0, 24));
}

/** A mask moved by some voxels along x. */
export function shifted(mask: Uint8Array<ArrayBuffer>, by: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(mask.length);
  result.set(mask.subarray(0, mask.length - by), by);
  return result;
}

/**
 * Cases with balls, one a class, on noise: the prediction of every class is the truth moved along x, by more in every case.
 *
 * @param count of cases, with the support
 */
export function ballCases(
  count: number,
  { classes, side = 40, slices = 12 }: { classes: number; side?: number; slices?: number },
): MadeCase[] {
  const grid = {
    size: [side, side, slices] as [number, number, number],
    spacing: [2, 2, 5] as [number, number, number],
    affine: [-2, 0, 0, 80, 0, 2, 0, -60, 0, 0, 5, 20, 0, 0, 0, 1],
  };
  const perRow = Math.ceil(Math.sqrt(classes)), cell = side / perRow, radius = cell * 0.35;
  return Array.from({ length: count }, (_, number): MadeCase => {
    const data = new Uint8Array(side * side * slices), image = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const x = i % side, y = Math.floor(i / side) % side, z = Math.floor(i / side / side);
      const column = Math.floor(x / cell), row = Math.floor(y / cell), label = 1 + row * perRow + column;
      const dx = x + 0.5 - (column + 0.5) * cell,
        dy = y + 0.5 - (row + 0.5) * cell,
        dz = (z + 0.5 - slices / 2) * radius / slices * 2;
      const isIn = label <= classes && Math.hypot(dx, dy, dz) < radius;
      if (isIn) data[i] = label;
      image[i] = 40 + 29 * Math.sin(i * 12.9898 + number) % 7 + (isIn ? 90 + label % 50 : 0);
    }
    return {
      id: `case_${number}`,
      load: () => Promise.resolve({ image: { ...grid, data: image }, label: { ...grid, data } }),
      mask: (wanted) => shifted(maskOf(data, wanted), number),
    };
  });
}

/**
 * Cases with the labels of two classes as the masks that were segmented of them: "a", of the user's value 7, with a probability,
 * and "b" of 9 without.
 *
 * @param disagreements of "a", case by case
 */
export function segmentedCases(
  cases: readonly MadeCase[],
  disagreements: readonly (number | null)[],
  { part = "" }: { part?: string } = {},
): SegmentedSource[] {
  const values = [0, 7, 9], empty = { voxels: 0, millilitres: 0, slices: 0 };
  return cases.map(({ id, load }, i) => ({
    ...{ id, part },
    volumes: [
      { label: 7, name: "a", ...empty, disagreement: disagreements[i] },
      { label: 9, name: "b", ...empty, disagreement: null },
    ],
    image: async () => (await load()).image,
    async mask() {
      const { label } = await load();
      return { ...label, data: Uint8Array.from(label.data, (number) => values[number]) };
    },
    async probability(name) {
      const { label } = await load();
      return name === "b" ? undefined : { ...label, data: Float32Array.from(label.data, (one) => Number(one === 1)) };
    },
  }));
}
