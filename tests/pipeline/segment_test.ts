import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { allNotes } from "../../src/datasets/raw_volumes.ts";
import { readNifti, writeNifti } from "../../src/imaging/files/nifti_file.ts";
import { readPngPixels } from "../../src/imaging/files/png_file.ts";
import { encodePngPixels } from "../../src/imaging/io/png.ts";
import { orient } from "../../src/imaging/orient.ts";
import { direction, matchAxes } from "../../src/imaging/geometry.ts";
import { applyToImage, applyToLabel } from "../../src/imaging/recipe.ts";
import { slicesOf, type Volume } from "../../src/imaging/volume.ts";
import { argmaxMask } from "../../src/inference/argmax.ts";
import { loadModel, type Model, saveModel } from "../../src/model/model.ts";
import { foregroundOfQuery } from "../../src/model/query_foreground.ts";
import { segmentVolume } from "../../src/model/segment_volume.ts";
import { SupportSet } from "../../src/model/support_set.ts";
import { readLabelledScan } from "../../src/segmentation/labelled_scan.ts";
import { blockCase, describeCohort, writeCase } from "../../src/testing/raw_cohort.ts";
import { rotated, storedAs } from "../../src/testing/voxel_orders.ts";
import { type Finished, run, tiny } from "./command_line.ts";

const root = await Deno.makeTempDir();
const data = join(root, "data"), work = join(root, "work");

/** The user's own values: gaps, and one beyond a byte's half. */
const VALUES = { one: 7, two: 255 } as const;

const PIPELINE = [
  ...["pipeline", "custom", "--data", data, "--work", work, "--protocol", "volume", ...tiny(65)],
  ...["--set", "training.steps=80", "--set", "supervoxels.minVoxels=20"],
];

await describeCohort(data, { labels: { background: 0, ...VALUES } });
for (const [shift, id] of ["a", "b", "c", "u", "v"].entries()) {
  const options = { shift, values: [VALUES.one, VALUES.two] as const, size: [60, 52, 9] as Volume["size"] };
  await writeCase(data, id, { ...options, unlabelled: id === "u" || id === "v" });
}
/** A case without labels whose file is cut off. */
const damaged = join(data, "imagesTr/v_0000.nii.gz");
const whole = await Deno.readFile(damaged);
await Deno.writeFile(damaged, whole.slice(0, whole.length / 2));

const imageOf = (id: string) => join(data, `imagesTr/${id}_0000.nii.gz`);
const labelOf = (id: string) => join(data, `labelsTr/${id}.nii.gz`);
const quiet = allNotes(() => {});

async function where(stage: string): Promise<string> {
  const { code, stdout, stderr } = await run(...PIPELINE, "--where", stage);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** What all tests look at: made by the first. */
let model: Model, modelFile: string;

Deno.test("pipeline custom segments the cases without labels, and one that is damaged stops no other", async () => {
  const { code, stdout, stderr } = await run(...PIPELINE);
  assert.equal(code, 1, stderr);
  assert.match(stdout, /segments "u", "v" without labels, from "a"/);
  assert.match(stderr, /failed {3}case "v": Cannot read .*v_0000\.nii\.gz": expected a whole gzip file/);
  assert.match(stdout, /\| u \| \d+\.\d \| \d+\.\d \|\n\| v \| failed \|/);
  const dir = await where("segment");
  assert.deepEqual([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
    "manifest.json",
    "sheet_u.png",
    "u.nii.gz",
    "volumes.csv",
    "volumes_u.json",
  ]);
  const mask = await readNifti(join(dir, "u.nii.gz")), image = await readNifti(imageOf("u"));
  assert.deepEqual([mask.size, mask.spacing, mask.affine], [image.size, image.spacing, image.affine]);
  assert.ok([...new Set(mask.data)].every((value) => [0, VALUES.one, VALUES.two].includes(value as 0 | 7 | 255)));
  const csv = await Deno.readTextFile(join(dir, "volumes.csv"));
  assert.match(
    csv,
    /^case,label,name,voxels,millilitres,slices,disagreement\nu,7,one,\d+,[\d.]+,\d+,0\.\d+\nu,255,two,/,
  );
  modelFile = join(await where("train"), "model.safetensors");
  // the page of the run shows the case, as it does when it is made again, but for its scan if that is another by now
  const page = stdout.match(/^page +(\S+)$/m)![1];
  assert.deepEqual(casesOfPage(page), ["b", "c", "u"]);
  const again = await run("report", work);
  assert.deepEqual(casesOfPage(again.stdout.trim()), ["b", "c", "u"]);
  const scan = await Deno.readFile(imageOf("u"));
  await copyFile(imageOf("a"), imageOf("u"));
  const lost = await run("report", work);
  assert.deepEqual(casesOfPage(lost.stdout.trim()), ["b", "c"]);
  assert.match(await Deno.readTextFile(lost.stdout.trim()), /is shown as a sheet alone: its scan [^<]*u_0000\.nii\.gz/);
  await Deno.mkdir(join(root, "moved"));
  await Deno.writeFile(join(root, "moved/u_0000.nii.gz"), scan);
  const found = await run("report", work, "--query", join(root, "moved"));
  assert.deepEqual(casesOfPage(found.stdout.trim()), ["b", "c", "u"]);
  await Deno.writeFile(imageOf("u"), scan);
});

/** Ids of the cases that a page has a viewer for, sorted. */
function casesOfPage(path: string): string[] {
  const [, data] = Deno.readTextFileSync(path).match(
    /<script type="application\/json" id="page-data">(.*?)<\/script>/,
  )!;
  const { cases } = JSON.parse(data) as { cases: { id: string; viewer?: unknown }[] };
  return cases.filter(({ viewer }) => viewer).map(({ id }) => id).sort();
}

Deno.test("loadModel() and saveModel() give a model's very bytes again", async () => {
  const bytes = await Deno.readFile(modelFile);
  model = await loadModel(bytes, { name: modelFile });
  assert.deepEqual(model.classes, [{ name: "one", value: 7 }, { name: "two", value: 255 }]);
  assert.deepEqual(model.recipe.map(({ step }) => step), ["window", "orient", "fit", "standardise"]);
  assert.deepEqual(await saveModel(model), bytes);
});

/** Dice of a label value in two volumes. */
function dice(mask: ArrayLike<number>, truth: ArrayLike<number>, value: number): number {
  let both = 0, sum = 0;
  for (let i = 0; i < truth.length; i++) {
    both += Number(mask[i] === value && truth[i] === value);
    sum += Number(mask[i] === value) + Number(truth[i] === value);
  }
  return 2 * both / sum;
}

function count(data: ArrayLike<number>, value: number): number {
  return Array.prototype.reduce.call(data, (sum, one) => Number(sum) + Number(one === value), 0) as number;
}

const supportOf = async (id: string) => await readLabelledScan({ image: imageOf(id), label: labelOf(id) }, quiet);

Deno.test("a class at a time, segmentVolume() sees what test --protocol volume predicts, to the bit; its mask on the raw grid is the same", async () => {
  const test = await where("test");
  using supports = new SupportSet(model, [await supportOf("a")]);
  let compared = 0;
  for (const id of ["b", "c"]) {
    const image = await readNifti(imageOf(id));
    const slices = slicesOf(applyToImage(model.recipe, image, id));
    for await (const { name, value, mean } of foregroundOfQuery(supports, slices)) {
      const predicted = await readNifti(join(test, `predictions/prediction_${id}_${name}.nii.gz`));
      assert.deepEqual(argmaxMask(mean), predicted.data, `${id} ${name}`);
      assert.ok(predicted.data.some((voxel) => voxel === 1), `${id} ${name} is empty`);
      const { data, size, spacing, affine } = predicted;
      if (count(data, 1) < 200) continue; // nobody knows the border of so small a thing
      using one = new SupportSet(model, [await supportOf("a")], [{ name, value }]);
      const { mask } = await segmentVolume(model, one, image);
      const again = applyToLabel(model.recipe, mask);
      const rounded = (values: readonly number[]) => values.map(Math.fround); // as files hold them
      assert.deepEqual([again.size, rounded(again.spacing), rounded(again.affine)], [size, spacing, affine]);
      const overlap = dice(again.data, data.map((voxel) => voxel * value), value);
      assert.ok(overlap > 0.9, `${id} ${name}: ${overlap}`);
      compared++;
    }
  }
  assert.ok(compared > 0);
});

Deno.test("segmentVolume() gives the same voxels however they are stored, and however the patient lay", async () => {
  using supports = new SupportSet(model, [await supportOf("a")]);
  const image = await readNifti(imageOf("b"));
  const { mask, classes } = await segmentVolume(model, supports, image);
  const stored = storedAs(image, { axes: [2, 0, 1], flips: [true, false, true] });
  const other = await segmentVolume(model, supports, stored);
  assert.deepEqual([other.mask.size, other.mask.affine], [stored.size, stored.affine]);
  const axes = ([0, 1, 2] as const).map((axis) => direction(image.affine, axis));
  assert.deepEqual(orient(other.mask, matchAxes(other.mask.affine, axes)).data, mask.data);
  for (const [i, { disagreement, ...found }] of other.classes.entries()) { // a sum in another order
    const { disagreement: expected, ...rest } = classes[i];
    assert.deepEqual(found, rest);
    assert.ok(Math.abs(disagreement! - expected!) < 1e-9);
  }
  const [c, s] = [Math.cos(Math.PI / 9), Math.sin(Math.PI / 9)];
  const turned = rotated(image, [1, 0, 0, 0, c, -s, 0, s, c]);
  const found = await segmentVolume(model, supports, turned);
  assert.deepEqual([found.mask.data, found.mask.affine], [mask.data, turned.affine]);
});

Deno.test("segmentVolume() gives background outside of what it was asked to look at, one component, a probability that passes one half in the mask", async () => {
  const [support, image] = [await supportOf("a"), await readNifti(imageOf("b"))];
  const area = image.size[0] * image.size[1];
  const probabilities = new Map<number, ArrayLike<number>>();
  const { mask } = await segmentVolume(model, [support], image, {
    slices: [3, 6],
    onProbability: ({ value }, { data }) => void probabilities.set(value, data),
  });
  assert.ok(mask.data.some((value) => value !== 0));
  mask.data.forEach((value, i) => {
    const slice = Math.floor(i / area);
    if (slice < 3 || slice >= 6) assert.equal(value, 0);
    if (value !== 0) assert.ok([...probabilities.values()].every((of) => of[i] <= probabilities.get(value)![i]));
    if (value !== 0) assert.ok(probabilities.get(value)![i] > 0.5);
  });
  await assert.rejects(segmentVolume(model, [support], image, { slices: [3, 10] }), /expected two of its slices 0:9/);
  const plain = await segmentVolume(model, [support, await supportOf("c")], image);
  const { mask: largest } = await segmentVolume(model, [support, await supportOf("c")], image, { largest: true });
  assert.ok(largest.data.every((value, i) => value === 0 || value === plain.mask.data[i]));
  for (const { value, disagreement } of plain.classes) {
    assert.ok(largest.data.includes(value as never));
    assert.ok(disagreement! > 0 && disagreement! < 0.5);
  }
});

const OUT = join(root, "masks");

async function segment(...args: string[]): Promise<Finished> {
  return await run(
    "segment",
    "--model",
    modelFile,
    "--support-image",
    imageOf("a"),
    "--support-label",
    labelOf("a"),
    ...args,
  );
}

/** Files of a folder with their bytes, and when they were written. */
function written(dir: string): Map<string, string> {
  const names = [...Deno.readDirSync(dir)].filter(({ isFile }) => isFile).map(({ name }) => name).sort();
  return new Map(names.map((name) => {
    const { ino, mtime } = Deno.statSync(join(dir, name));
    return [name, `${ino} ${mtime!.getTime()}`];
  }));
}

Deno.test("segment makes the masks of a cohort, goes on where it stopped, and stops at no damaged case", async () => {
  const queries = join(root, "queries");
  await Deno.mkdir(queries);
  for (const id of ["b", "u", "v"]) await copyFile(imageOf(id), join(queries, basename(imageOf(id))));
  const first = await segment("--query", queries, "--out", OUT);
  assert.equal(first.code, 1, first.stderr);
  assert.match(first.stdout, /\| v \| failed \|[^]*3 cases: 2 made, 0 kept, 1 failed/);
  assert.match(first.stderr, /failed {3}Cannot read ".*v_0000\.nii\.gz"/);
  assert.deepEqual([...written(OUT).keys()], [
    ...["b.json", "b.nii.gz", "index.html", "u.json", "u.nii.gz", "volumes.csv"],
  ]);
  assert.match(first.stdout, new RegExp(`^page +${join(OUT, "index.html")}$`, "m"));
  assert.deepEqual(casesOfPage(join(OUT, "index.html")), ["b", "u"]);
  assert.deepEqual([...Deno.readDirSync(join(OUT, "sheets"))].map(({ name }) => name).sort(), ["b.png", "u.png"]);
  // the stage of the pipeline, the task and the call are one computation
  const bytes = await Deno.readFile(join(OUT, "u.nii.gz"));
  assert.deepEqual(bytes, await Deno.readFile(join(await where("segment"), "u.nii.gz")));
  const { mask } = await segmentVolume(model, [await supportOf("a")], await readNifti(imageOf("u")));
  assert.deepEqual((await readNifti(join(OUT, "u.nii.gz"))).data, mask.data);
  // interrupted after u: its mask is kept, b's is made again to the byte, the mended v is made
  const whole = written(OUT), b = await Deno.readFile(join(OUT, "b.nii.gz"));
  for (const name of ["b.json", "b.nii.gz"]) await Deno.remove(join(OUT, name));
  await copyFile(imageOf("c"), join(queries, "v_0000.nii.gz"));
  const second = await segment("--query", queries, "--out", OUT);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, /3 cases: 2 made, 1 kept, 0 failed/);
  const after = written(OUT);
  assert.equal(after.get("u.nii.gz"), whole.get("u.nii.gz"));
  assert.deepEqual(casesOfPage(join(OUT, "index.html")), ["b", "u", "v"]);
  assert.deepEqual(await Deno.readFile(join(OUT, "b.nii.gz")), b);
  assert.match(
    await Deno.readTextFile(join(OUT, "volumes.csv")),
    /^case,.*\nb,7,one,.*\nb,255,two,.*\nu,7,.*\nu,255,.*\nv,7,/,
  );
});

Deno.test("segment makes anew what would be another mask and says why, and writes over nothing that is not its own", async () => {
  const out = join(root, "one"), query = ["--query", imageOf("b"), "--out", out];
  assert.equal((await segment(...query)).code, 0);
  const other = await segment(...query, "--label", "two", "--probability");
  assert.match(other.stdout, /1 case: 1 made \(1 of them anew: other options\), 0 kept/);
  assert.deepEqual([...written(out).keys()], [
    ...["b.json", "b.nii.gz", "b_probability_two.nii.gz", "index.html", "volumes.csv"],
  ]);
  assert.ok((await readNifti(join(out, "b.nii.gz"))).data.every((value) => value === 0 || value === VALUES.two));
  assert.match((await segment(...query, "--label", "255=spleen")).stdout, /spleen, ml/);
  assert.ok(!existsSync(join(out, "b_probability_two.nii.gz")), "a file of other options is left");
  const edited = blockCase({ size: [60, 52, 9] }).label;
  await writeNifti(join(out, "b.nii.gz"), edited);
  const refused = await segment(...query);
  assert.equal(refused.code, 1, refused.stdout);
  assert.match(
    refused.stderr,
    /Cannot write ".*b\.nii\.gz": expected a free name, found a file changed since it was made/,
  );
  assert.deepEqual((await readNifti(join(out, "b.nii.gz"))).data, edited.data);
  assert.equal((await segment(...query, "--force")).code, 0);
  assert.match((await segment(...query)).stdout, /1 kept/);
});

Deno.test("segment refuses what it cannot use before it computes, with the way out", async () => {
  const out = join(root, "none");
  const refusals: [string[], RegExp][] = [
    [["--query", data, "--out", out], /expected scans .* found none\. Give its folder "imagesTr"/],
    [["--query", join(data, "imagesTr"), "--out", join(data, "imagesTr")], /Cannot use --out .*imagesTr/],
    [
      ["--query", imageOf("b"), "--out", out, "--label", "liver"],
      /--label "liver": expected all, a value \(7 \(one\), 255 \(two\)\)/,
    ],
    [
      ["--query", imageOf("b"), "--out", out, "--label", "3"],
      /--label "3": expected a label of the support, 7 \(one\), 255 \(two\)/,
    ],
    [["--query", imageOf("b"), "--out", out, "--slices", "4:4"], /--slices "4:4": expected two whole numbers A:B/],
    [["--query", imageOf("b"), "--out", out, "--dicom-seg"], /--dicom-seg: expected a folder with a DICOM series/],
    [
      ["--query", imageOf("b"), "--out", out, "--support-image", imageOf("c")],
      /2 .*--support-image.* 1 .*--support-label|expected as many/,
    ],
    [
      ["--query", join(root, "nothing.nii.gz"), "--out", out],
      /nothing\.nii\.gz": expected a scan or a folder of scans, found none/,
    ],
    [["--query", imageOf("b"), imageOf("b"), "--out", out], /expected a case of another name than "b"/],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await segment(...args);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, message);
    assert.ok(!existsSync(out));
  }
});

Deno.test("segment gives a picture's mask as a picture, with labels on a picture or on a volume", async () => {
  const { image, label: labels } = blockCase({ size: [60, 52, 9], values: [7, 255] }), area = 60 * 52;
  const label = labels.data.subarray(4 * area, 5 * area);
  const grey = Uint8Array.from(
    image.data.subarray(4 * area, 5 * area),
    (hu) => Math.min(255, Math.max(0, (hu + 125) * 255 / 400)),
  );
  const [scan, mask] = [join(root, "scan.png"), join(root, "scan_label.png")];
  await Deno.writeFile(scan, encodePngPixels({ width: 60, height: 52, data: grey }));
  await Deno.writeFile(mask, encodePngPixels({ width: 60, height: 52, data: Uint8Array.from(label) }));
  const out = join(root, "pictures");
  const args = ["--support-image", scan, "--support-label", mask, "--query", scan, "--out", out];
  const { code, stderr } = await run("segment", "--model", modelFile, ...args);
  assert.equal(code, 0, stderr);
  const { width, height, data: found } = await readPngPixels(join(out, "scan.png"), { labels: true, warn: () => {} });
  assert.deepEqual([width, height], [60, 52]);
  // How much a network of 80 steps finds is chance, where it finds something is not: in a picture turned upside down, or with
  // such a mask, it would lie beside the label.
  const places = [...found.keys()].filter((i) => found[i] === 7), hits = places.filter((i) => label[i] === 7);
  assert.ok(places.length > 0 && hits.length > 0.5 * places.length, `${hits.length} of ${places.length} in the label`);
});
