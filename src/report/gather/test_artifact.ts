// @ts-types="./d3_dsv.d.ts"
import { csvParseRows } from "d3-dsv";
import { join } from "node:path";
import { z } from "zod";
import { readNifti } from "../../imaging/files/nifti_file.ts";
import { predictionNames } from "../../inference/prediction_names.ts";
import type { Scores } from "../../inference/results.ts";
import { readManifest } from "../../pipeline/store.ts";
import type { ShownClass } from "../cases/case_analysis.ts";

/** What the test of a fold read and left. */
export interface TestSource {
  /** For example "fold 2". */
  name: string;
  /** Folder of the artifact. */
  dir: string;
  /** Preprocessed images of supports and queries, by id. */
  images: Readonly<Record<string, string>>;
  /** Their labels. */
  labels: Readonly<Record<string, string>>;
}

/** What of the parameters of stage `test` a page needs; they stand in its manifest. */
const testParameters = z.object({
  /** All classes by number. */
  classes: z.array(z.object({ name: z.string(), value: z.number() })),
});

/** Dice of the baselines in a case and class. */
export interface BaselineDice {
  copy: number | null;
  interval: number | null;
}

/** The artifact of a test, opened. */
export class TestArtifact {
  readonly #fileNames: readonly string[];
  readonly #baselines: ReadonlyMap<string, BaselineDice>;

  private constructor(
    /** Where it lies, and what it was made from. */
    readonly source: TestSource,
    /** Its `scores.json`. */
    readonly scores: Scores,
    /** The tested classes, in the order of the scores. */
    readonly classes: readonly ShownClass[],
    baselines: ReadonlyMap<string, BaselineDice>,
  ) {
    this.#fileNames = predictionNames(
      Object.entries(scores.classes).map(([name, { label }]) => ({ name, label })),
    );
    this.#baselines = baselines;
  }

  /** Opens an artifact. */
  static async open(source: TestSource): Promise<TestArtifact> {
    const scores: Scores = JSON.parse(await Deno.readTextFile(join(source.dir, "scores.json")));
    const { parameters } = (await readManifest(source.dir))!;
    const { classes } = testParameters.parse(parameters);
    const numberOf = (name: string, label: number) =>
      classes.findIndex((one) => one.name === name && one.value === label);
    const shown = Object.entries(scores.classes).map(([name, { label }]) => ({ name, number: numberOf(name, label) }));
    const table = await Deno.readTextFile(join(source.dir, "cases.csv"));
    return new TestArtifact(source, scores, shown, baselinesOf(table));
  }

  /** Ids of the cases that were tested for at least one class, in the order of the scores. */
  get ids(): string[] {
    return [...new Set(Object.values(this.scores.classes).flatMap(({ cases }) => Object.keys(cases)))];
  }

  /** Dice of the baselines in a case and class. */
  baselines(id: string, name: string): BaselineDice | undefined {
    return this.#baselines.get(`${id}\n${name}`);
  }

  /** The mask of a case and class by its position; `undefined` where the case was not tested for it. */
  async mask(id: string, position: number): Promise<ArrayLike<number> | undefined> {
    const [, { cases }] = Object.entries(this.scores.classes)[position];
    if (!(id in cases)) return undefined;
    const file = `prediction_${id}_${this.#fileNames[position]}.nii.gz`;
    return (await readNifti(join(this.source.dir, "predictions", file))).data;
  }

  /** The foreground probability of a case and class in percent; `undefined` where it was not kept. */
  async probability(id: string, position: number): Promise<ArrayLike<number> | undefined> {
    const file = join(this.source.dir, "probabilities", `probability_${id}_${this.#fileNames[position]}.nii.gz`);
    const isThere = await Deno.stat(file).then(() => true, () => false);
    return isThere ? (await readNifti(file)).data : undefined;
  }
}

function baselinesOf(table: string): Map<string, BaselineDice> {
  const [heads, ...rows] = csvParseRows(table);
  const at = (name: string) => heads.indexOf(name);
  const number = (text: string | undefined) => text === undefined || text === "" ? null : Number(text);
  return new Map(rows.map((row) => [
    `${row[at("case")]}\n${row[at("class")]}`,
    { copy: number(row[at("copy_dice")]), interval: number(row[at("interval_dice")]) },
  ]));
}
