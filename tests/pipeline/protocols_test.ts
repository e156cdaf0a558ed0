import assert from "node:assert/strict";
import { z } from "zod";
import { excludedSlices } from "../../src/fewshot/episode.ts";
import { readNifti } from "../../src/imaging/files/nifti_file.ts";
import { run, SMALL } from "./command_line.ts";

const work = await Deno.makeTempDir();

/** Ten cases, the fewest with five folds of two; two classes: spleen and liver. */
const ARGUMENTS = [
  ...["pipeline", "phantom", "--work", work, ...SMALL],
  ...["phantom.cases=10", "test.labels=[1,6]", "training.steps=5"].flatMap((setting) => ["--set", setting]),
];

const CLASSES = ["SPLEEN", "LIVER"];

async function where(stage: string, ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run(...ARGUMENTS, ...args, "--where", stage);
  assert.equal(code, 0, stderr);
  return stdout.trim().split("\n");
}

/** `scores.json` as docs/file-formats.md, "`scores.json`" has it: nothing missing, nothing else. */
function scoresSchema(protocol: "published" | "volume") {
  const share = z.number().min(0).max(1).nullable(), distance = z.number().min(0).nullable();
  const figures = z.strictObject({
    dice: share,
    iou: share,
    ...(protocol === "volume" ? { hd95Mm: distance, assdMm: distance } : {}),
  });
  const ofClasses = z.strictObject(Object.fromEntries(CLASSES.map((name) => [name, figures])));
  const baseline = figures.extend({ classes: ofClasses });
  const ofClass = figures.extend({
    label: z.int(),
    cases: z.record(z.string(), figures.extend({ slices: z.int().min(1) })),
  });
  return figures.extend({
    experiment: z.literal("phantom"),
    dataset: z.literal("phantom"),
    fold: z.int().min(0).max(4),
    setting: z.union([z.literal(1), z.literal(2)]),
    protocol: z.literal(protocol),
    support: z.string(),
    shots: z.tuple([z.literal(1)]),
    supports: z.array(z.string()).length(1),
    step: z.literal(5),
    classes: z.strictObject(Object.fromEntries(CLASSES.map((name) => [name, ofClass]))),
    baselines: z.strictObject({ copy: baseline, interval: baseline }),
  });
}

Deno.test("pipeline --protocol volume --fold all tests every case once, on all its slices, with distances in mm", async () => {
  const args = ["--protocol", "volume", "--fold", "all"];
  const { code, stdout, stderr } = await run(...ARGUMENTS, ...args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\|\s+\| fold 0 .* \| Dice \| IoU \| HD95, mm \| ASSD, mm \|$/m);
  assert.match(stdout, /Protocol `volume`: every slice of the query is segmented/);
  const [volumes] = await where("resample", ...args);
  const tested: string[] = [];
  for (const [fold, dir] of (await where("test", ...args)).entries()) {
    const scores = JSON.parse(await Deno.readTextFile(`${dir}/scores.json`));
    const { success, error } = scoresSchema("volume").safeParse(scores);
    assert.ok(success, error?.message);
    assert.deepEqual([scores.fold, scores.support], [fold, String(2 * fold + 1)]);
    const ids = Object.keys(scores.classes.LIVER.cases);
    assert.deepEqual(ids, [String(2 * fold)]);
    tested.push(...ids, scores.support);
    const prediction = await readNifti(`${dir}/predictions/prediction_${ids[0]}_LIVER.nii.gz`);
    const labels = await readNifti(`${volumes}/label_${ids[0]}.nii.gz`);
    const found = scores.classes.LIVER.cases[ids[0]];
    assert.equal(found.slices, prediction.size[2]);
    let both = 0, either = 0;
    for (let i = 0; i < labels.data.length; i++) {
      const isLiver = labels.data[i] === 6, isPredicted = prediction.data[i] === 1;
      if (isLiver && isPredicted) both++;
      if (isLiver || isPredicted) either++;
    }
    assert.equal(found.iou, both / either);
    assert.match(
      await Deno.readTextFile(`${dir}/results.md`),
      /^\| class \|.*\| HD95, mm \| ASSD, mm \| copied mask, Dice \|/m,
    );
  }
  assert.deepEqual(tested.sort(), Array.from({ length: 10 }, (_, i) => String(i)));
  const [dir] = await where("summary", ...args);
  const summary = JSON.parse(await Deno.readTextFile(`${dir}/summary.json`));
  assert.deepEqual([summary.protocol, summary.hd95Mm.folds.length, summary.comparison], ["volume", 5, null]);
});

Deno.test("pipeline --setting 2 trains on no slice that shows all tested classes", async () => {
  const { code, stdout, stderr } = await run(...ARGUMENTS, "--setting", "2");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Setting 2, support case 2, step 5\. Protocol `published`/);
  const [volumes] = await where("resample", "--setting", "2"), [trained] = await where("train", "--setting", "2");
  const excluded = new Set<string>();
  for (let id = 0; id < 10; id++) {
    const { data, size } = await readNifti(`${volumes}/label_${id}.nii.gz`);
    for (const z of excludedSlices(data, [1, 6], size[0] * size[1])) excluded.add(`${id} ${z}`);
  }
  assert.ok(excluded.size >= 10);
  const log = (await Deno.readTextFile(`${trained}/metrics.jsonl`)).trim().split("\n").map((line) => JSON.parse(line));
  const drawn = log.flatMap(({ case: id, slices }) => slices.map((z: number) => `${id} ${z}`));
  assert.equal(drawn.length, 10);
  assert.deepEqual(drawn.filter((slice) => excluded.has(slice)), []);
  const [dir] = await where("test", "--setting", "2");
  const { success, error } = scoresSchema("published").safeParse(
    JSON.parse(await Deno.readTextFile(`${dir}/scores.json`)),
  );
  assert.ok(success, error?.message);
});

Deno.test("pipeline --protocol volume refuses a fold with a single case, and test.labels=[] under Setting 2", async () => {
  const few = await run(...ARGUMENTS, "--protocol", "volume", "--set", "phantom.cases=6", "--fold", "3");
  assert.equal(few.code, 2, few.stderr);
  assert.match(
    few.stderr,
    /Cannot use fold 3 under --protocol volume: expected a support and a query case, found only 4/,
  );
  const none = await run(...ARGUMENTS, "--setting", "2", "--set", "test.labels=[]");
  assert.equal(none.code, 2, none.stderr);
  assert.match(none.stderr, /test\.labels: expected a whole number, .*, found \[\]/);
  await Deno.remove(work, { recursive: true });
});
