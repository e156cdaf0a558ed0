import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDescription } from "../../datasets/nnunet_description.ts";
import { readSplits } from "../../datasets/splits_file.ts";
import { customFold } from "../../fewshot/custom_folds.ts";
import { expect, type FuzzFormat, outcomeOf } from "../format.ts";
import { type Json, spoiledJson } from "../mutate_json.ts";

/** A format whose files are texts of JSON. */
function jsonFormat(
  examples: readonly Json[],
  check: (path: string) => Promise<void>,
  file: string,
): FuzzFormat {
  return {
    seeds: () => Promise.resolve(examples.map((one) => new TextEncoder().encode(JSON.stringify(one)))),
    mutate: (seed, random) => spoiledJson(JSON.parse(new TextDecoder().decode(seed)), random),
    async check(bytes, dir) {
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, file), bytes);
      return await outcomeOf(() => check(join(dir, file)));
    },
  };
}

/** `dataset.json` of nnU-Net v2, of v1 and of the Medical Segmentation Decathlon. */
export const dataset: FuzzFormat = jsonFormat(
  [
    {
      name: "Heart",
      channel_names: { "0": "CT" },
      labels: { background: 0, liver: 1, spleen: 5, ignore: 6 },
      file_ending: ".nii.gz",
      numTraining: 2,
    },
    {
      name: "Task03",
      modality: { "0": "MRI" },
      labels: { "0": "background", "1": "liver", "2": "tumour" },
      training: [{ image: "./imagesTr/a.nii.gz", label: "./labelsTr/a.nii.gz" }],
    },
  ],
  async (path) => {
    const { channel, classes, labelling, fileEnding } = await readDescription(join(path, ".."));
    expect(typeof channel === "string", `channel ${channel}`);
    expect(
      classes.length >= 2 && classes[0] === "BG" && classes.every((name) => typeof name === "string"),
      `${classes}`,
    );
    expect(labelling.values.length === classes.length, `${labelling.values} for ${classes}`);
    const values = [...labelling.values, ...(labelling.ignore === undefined ? [] : [labelling.ignore])];
    expect(values.every(Number.isSafeInteger) && new Set(values).size === values.length, `values ${values}`);
    expect(new Set(classes).size === classes.length, `classes ${classes}`);
    expect(fileEnding === undefined || typeof fileEnding === "string", `ending ${fileEnding}`);
  },
  "dataset.json",
);

const LABELLED = ["a", "b", "c", "d"], UNLABELLED = ["e", "f"];

/** `splits_final.json`: whatever of it is taken makes folds whose cases are apart. */
export const splits: FuzzFormat = jsonFormat(
  [[
    { train: ["a", "b"], val: ["c", "d"] },
    { train: ["c", "d"], val: ["a", "b"] },
  ], [{ train: [], val: ["a", "b", "c"] }]],
  async (path) => {
    const found = (await readSplits(path))!;
    let refusal: unknown;
    for (const fold of found.keys()) {
      try {
        const { train, support, query } = customFold(
          { labelled: LABELLED, unlabelled: UNLABELLED, splits: found },
          fold,
          1,
        );
        const all = [...train, ...(support === undefined ? [] : [support]), ...query];
        expect(all.every((id) => [...LABELLED, ...UNLABELLED].includes(id)), `cases ${all}`);
        expect(new Set(all).size === all.length, `cases twice among ${all}`);
        expect(train.length > 0 && support !== undefined && query.length > 0, `a fold of ${all}`);
      } catch (error) {
        refusal = error;
      }
    }
    if (refusal) throw refusal;
  },
  "splits_final.json",
);
