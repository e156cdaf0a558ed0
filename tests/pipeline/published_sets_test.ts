import assert from "node:assert/strict";
import { readNifti, writeNifti } from "../../src/imaging/files/nifti_file.ts";
import { run, sets, tiny } from "./command_line.ts";

/** Makes a whole synthetic cohort, as small as can be. */
async function cohort(layout: "sabs" | "cmr", cases: number, slices: number): Promise<string> {
  const out = await Deno.makeTempDir();
  const size = ["--cases", `${cases}`, "--size", "64", "--slices", `${slices}`];
  const { code, stderr } = await run("phantom", "--layout", layout, "--out", out, ...size);
  assert.equal(code, 0, stderr);
  return out;
}

const json = async (path: string) => JSON.parse(await Deno.readTextFile(path));

Deno.test("pipeline cmr takes a cohort from raw files to the table of all folds, its stored labels 200, 500, 600 as 1, 2, 3", async () => {
  const data = await cohort("cmr", 35, 4), work = await Deno.makeTempDir();
  const args = ["pipeline", "cmr", "--data", data, "--work", work, ...tiny(64), ...sets("test.labels=[2,3]")];
  try {
    const { code, stdout, stderr } = await run(...args, "--fold", "all");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\| LV-BP \|.*\n\| RV \|/);
    const directory = async (stage: string, ...more: string[]) =>
      (await run(...args, ...more, "--where", stage)).stdout.trim();
    const { image, label } = {
      image: await readNifti(`${await directory("normalize")}/image_7.nii.gz`),
      label: await readNifti(`${await directory("normalize")}/label_7.nii.gz`),
    };
    assert.deepEqual([image.size.slice(0, 2), image.spacing[2]], [[64, 64], Math.fround(7.99)]);
    assert.deepEqual([...new Set(label.data)].sort((a, b) => a - b), [0, 1, 2, 3]);
    const map = await json(`${await directory("index")}/classmap_1.json`);
    assert.deepEqual(Object.keys(map), ["BG", "LV-MYO", "LV-BP", "RV"]);
    assert.ok(map["LV-MYO"]["7"].length > 1 && map.RV["35"].length > 0);
    for (const [fold, support] of ["3", "10", "17", "24", "30"].entries()) {
      const scores = await json(`${await directory("test", "--fold", `${fold}`)}/scores.json`);
      assert.deepEqual([scores.dataset, scores.support], ["CMR", support]);
      assert.deepEqual(scores.classes["LV-BP"].label, 2);
      assert.ok(Object.values<{ slices: number }>(scores.classes["LV-BP"].cases).every(({ slices }) => slices > 0));
    }

    // as published: training looks for 1, 2, 3, which no file holds
    const second = await run(...args, "--setting", "2");
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stderr + second.stdout, /Setting 2 leaves no slice out/);

    // the corrected protocol knows the stored labels, so that every slice of these four shows a tested class
    const volume = await run(...args, "--protocol", "volume");
    assert.equal(volume.code, 0, volume.stderr);
    const { protocol, classes } = await json(`${await directory("test", "--protocol", "volume")}/scores.json`);
    assert.deepEqual([protocol, Object.keys(classes)], ["volume", ["LV-BP", "RV"]]);
    const ofRv = Object.entries<{ slices: number; hd95Mm: number | null }>(classes.RV.cases);
    assert.deepEqual(ofRv.map(([id, { slices }]) => [id, slices]), ["1", "2", "4", "5", "6", "7"].map((id) => [id, 5]));
    assert.ok(ofRv.every(([, one]) => "hd95Mm" in one), JSON.stringify(ofRv));
    const corrected = await run(...args, "--protocol", "volume", "--setting", "2");
    assert.equal(corrected.code, 2);
    assert.match(
      corrected.stderr,
      /Cannot train: .*, or use --setting 1: Setting 2 leaves out slices that show every tested/,
    );

    // a label that is none of the stored ones, and a patient of the fold who is gone
    await writeNifti(`${data}/c0gt/patient9_C0_manual.nii.gz`, {
      ...await readNifti(`${data}/c0gt/patient9_C0_manual.nii.gz`),
      data: new Int16Array(64 * 64 * 4).fill(200, 0, 50).fill(3, 50, 60),
    });
    const wrong = await run(...args, "--until", "index");
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /patient9_C0_manual\.nii\.gz": expected label values 0, 200, 500, 600, found 3/);
    for (const name of ["c0t2lge/patient8_C0", "c0gt/patient8_C0_manual"]) await Deno.remove(`${data}/${name}.nii.gz`);
    const gone = await run(...args, "--until", "index");
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /Cannot use fold 0: expected its 8 test cases, found no 8 \(patient8_C0\.nii\.gz\)/);

    const verified = await run("verify", "cmr", "--data", data, ...tiny(64));
    assert.equal(verified.code, 2);
    assert.match(
      verified.stdout,
      /^ok +10 +64 × 64 × 4 of .*; voxels LV-MYO \d+ → \d+, LV-BP \d+ → \d+, RV \d+ → \d+$/m,
    );
    assert.match(verified.stdout, /^problem +9 .*expected label values 0, 200, 500, 600, found 3$/m);
    assert.match(verified.stdout, /^34 cases, 1 of them with problems$/m);
  } finally {
    for (const dir of [data, work]) await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("pipeline sabs takes a cohort from raw files to scores, and leaves out a case that no episode can come from", async () => {
  const data = await cohort("sabs", 30, 4), work = await Deno.makeTempDir();
  const args = ["pipeline", "sabs", "--data", data, "--work", work, ...tiny(65), ...sets("resample.target=64")];
  try {
    // a training case of one slice has no two neighbouring ones
    const last = (kind: string) => `${data}/RawData/Training/${kind}/${kind}0040.nii.gz`;
    for (const kind of ["img", "label"]) {
      const volume = await readNifti(last(kind));
      await writeNifti(last(kind), { ...volume, data: volume.data.slice(0, 64 * 64), size: [64, 64, 1] });
    }
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /case 29 has no two neighbouring slices with a supervoxel of 12 pixels; it is left out/);
    assert.equal(stdout.match(/it is left out$/gm)?.length, 1);
    const scores = await json(`${(await run(...args, "--where", "test")).stdout.trim()}/scores.json`);
    assert.deepEqual([scores.dataset, scores.fold, scores.support], ["SABS", 0, "2"]);
    assert.deepEqual(Object.keys(scores.classes), ["SPLEEN", "RK", "LK", "LIVER"]);
    assert.deepEqual(Object.keys(scores.classes.LIVER.cases), ["0", "1", "3", "4", "5", "6"]);

    // a training case less is said, a test case less is refused; both by name
    for (const kind of ["img", "label"]) await Deno.remove(last(kind));
    const less = await run(...args, "--until", "window");
    assert.equal(less.code, 0, less.stderr);
    assert.match(
      less.stdout + less.stderr,
      /1 of the 23 training cases of fold 0 are not there: 29 \(img0040\.nii\.gz\)/,
    );
    const { code: refused, stderr: why } = await run(...args, "--fold", "4", "--until", "window");
    assert.equal(refused, 2);
    assert.match(why, /Cannot use fold 4: expected its 7 test cases, found no 29 \(img0040\.nii\.gz\)/);

    const verified = await run(
      "verify",
      "sabs",
      "--data",
      data,
      ...tiny(65),
      ...sets("resample.target=64"),
      "--fold",
      "4",
    );
    assert.equal(verified.code, 2);
    assert.match(verified.stdout, /^problem +Cannot use fold 4: .*img0040/m);
    assert.match(verified.stdout, /^29 cases, 0 of them with problems; 1 other problem$/m);
  } finally {
    for (const dir of [data, work]) await Deno.remove(dir, { recursive: true });
  }
});
