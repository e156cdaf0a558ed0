import assert from "node:assert/strict";
import { readNifti } from "../../src/imaging/files/nifti_file.ts";
import { encodeDicom } from "../../src/imaging/io/dicom_writer.ts";
import { readGreyPng, writeGreyPng } from "../../src/imaging/files/png_file.ts";
import { run, sets, tiny } from "./command_line.ts";

const json = async (path: string) => JSON.parse(await Deno.readTextFile(path));

Deno.test("pipeline chaost2 takes a cohort from DICOM and PNG to the table of all folds", async () => {
  const data = await Deno.makeTempDir(), work = await Deno.makeTempDir();
  // thick slices, so that there are as few after resampling as before
  const args = [
    "pipeline",
    "chaost2",
    "--data",
    data,
    "--work",
    work,
    ...tiny(64),
    ...sets("normalize.sliceSpacingMm=40", "test.labels=[1,4]"),
  ];
  try {
    const made = await run("phantom", "--layout", "chaost2", "--out", data, "--size", "64", "--slices", "6");
    assert.equal(made.code, 0, made.stderr);
    const sequence = (id: string) => `${data}/Train_Sets/MR/${id}/T2SPIR`;
    // a training case of all folds but one shows no right kidney
    for await (const { name } of Deno.readDir(`${sequence("15")}/Ground`)) {
      const picture = await readGreyPng(`${sequence("15")}/Ground/${name}`);
      const without = picture.data.map((level) => level === 126 ? 0 : level);
      await writeGreyPng(`${sequence("15")}/Ground/${name}`, { ...picture, data: without });
    }

    const { code, stdout, stderr } = await run(...args, "--fold", "all");
    assert.equal(code, 0, stderr);
    assert.match(stdout + stderr, /case 15: ".*Ground" shows no RK; as in the published data LK takes the value 2/);
    assert.match(stdout, /\| LIVER \|.*\n\| SPLEEN \|/);
    const directory = async (stage: string, ...more: string[]) =>
      (await run(...args, ...more, "--where", stage)).stdout.trim();
    const [images, labels, normalized] = [
      await directory("dicom"),
      await directory("labels"),
      await directory("normalize"),
    ];
    const [image, label] = [await readNifti(`${images}/image_2.nii.gz`), await readNifti(`${labels}/label_2.nii.gz`)];
    assert.deepEqual([image.size, label.size, label.affine], [[64, 64, 6], [64, 64, 6], image.affine]);
    assert.deepEqual([...new Set(label.data)].sort(), [0, 1, 2, 3, 4]);
    const final = await readNifti(`${normalized}/image_2.nii.gz`);
    assert.deepEqual([final.size.slice(0, 2), final.spacing], [[64, 64], [5, 5, 40]]);
    const map = await json(`${await directory("index")}/classmap_1.json`);
    assert.deepEqual(Object.keys(map), ["BG", "LIVER", "RK", "LK", "SPLEEN"]);
    assert.equal(Object.keys(map.LIVER).join(" "), "1 2 3 5 8 10 13 15 19 20 21 22 31 32 33 34 36 37 38 39");
    for (const [fold, support] of ["3", "13", "21", "33", "37"].entries()) {
      const scores = await json(`${await directory("test", "--fold", `${fold}`)}/scores.json`);
      assert.deepEqual([scores.dataset, scores.support], ["CHAOST2", support]);
      assert.deepEqual(Object.keys(scores.classes), ["LIVER", "SPLEEN"]);
    }

    const corrected = ["--setting", "2", "--protocol", "volume"];
    const second = await run(...args, ...corrected);
    assert.equal(second.code, 0, second.stderr);
    const scores = await json(`${await directory("test", ...corrected)}/scores.json`);
    assert.deepEqual([scores.setting, scores.protocol, scores.support], [2, "volume", "3"]);
    // disjoint folds of 4, every slice of the preprocessed volume
    assert.deepEqual(Object.keys(scores.classes.LIVER.cases), ["1", "2", "5"]);
    assert.equal(scores.classes.LIVER.cases["2"].slices, final.size[2]);

    // one pixel changed in one file of one case makes that case again, whatever the folder is called
    const [name] = (await Array.fromAsync(Deno.readDir(`${sequence("8")}/DICOM_anon`))).map((entry) => entry.name)
      .sort();
    const bytes = await Deno.readFile(`${sequence("8")}/DICOM_anon/${name}`);
    bytes[bytes.length - 64 * 64] ^= 1;
    await Deno.writeFile(`${sequence("8")}/DICOM_anon/${name}`, bytes);
    const plan = await run(...args, "--until", "labels", "--dry-run");
    assert.match(plan.stdout, /dicom +\w+ +to make: 1 of 20 cases; changed: input series\.8/);

    // bad input of several cases, all named before anything runs
    await Deno.writeFile(`${sequence("5")}/DICOM_anon/${name}`, bytes.subarray(0, -9));
    await Deno.writeFile(`${sequence("10")}/DICOM_anon/stray.dcm`, strayDicom());
    await Deno.remove(`${sequence("20")}/Ground/${await lastName(`${sequence("20")}/Ground`)}`);
    const wrong = await run(...args, "--until", "index");
    assert.equal(wrong.code, 2, wrong.stderr);
    assert.match(wrong.stderr, /Cannot use the raw data, 3 problems/);
    assert.match(
      wrong.stderr,
      /MR\/5\/.*\.dcm": expected a whole DICOM file, found \d+ bytes: its pixel data is cut off/,
    );
    assert.match(wrong.stderr, /MR\/10\/T2SPIR\/DICOM_anon": expected one series, found series .* \("stray\.dcm"\)/);
    assert.match(wrong.stderr, /MR\/20\/T2SPIR\/Ground": expected 6 PNG files, one a slice of the image, found 5/);
    assert.doesNotMatch(wrong.stderr, /\n +at /);

    // cases that are not there
    for (const id of ["5", "10", "20"]) await Deno.remove(`${data}/Train_Sets/MR/${id}`, { recursive: true });
    const gone = await run(...args, "--until", "index");
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /Cannot use fold 0: expected its 5 test cases, found no 5 \(MR\/5\/T2SPIR\)/);
    assert.match(gone.stderr, /Complete the download, or choose another --fold/);
    const less = await run(...args, "--until", "dicom", "--fold", "3");
    assert.equal(less.code, 0, less.stderr);
    assert.match(less.stdout + less.stderr, /3 of the 15 training cases of fold 3 are not there: 5 .*10 .*20/);

    // what only shows when files are read whole
    const picture = `${sequence("31")}/Ground/${await lastName(`${sequence("31")}/Ground`)}`;
    await writeGreyPng(picture, { width: 64, height: 64, data: new Uint8Array(64 * 64).fill(77) });
    const unknown = await run(...args, "--until", "labels", "--fold", "3");
    assert.equal(unknown.code, 2);
    assert.match(
      unknown.stderr,
      /MR\/31\/.*\.png": expected the grey levels 0, 63, 126, 189, 252, found 77 in row 0, column 0/,
    );
    const verified = await run("verify", "chaost2", "--data", data, ...tiny(64));
    assert.equal(verified.code, 2);
    assert.match(verified.stdout, /^warning +15 .*shows no RK/m);
    assert.match(verified.stdout, /^problem +31 .*found 77 in row 0, column 0$/m);
    assert.match(verified.stdout, /^17 cases, 1 of them with problems$/m);
  } finally {
    for (const dir of [data, work]) await Deno.remove(dir, { recursive: true });
  }
});

async function lastName(dir: string): Promise<string> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).sort().at(-1)!;
}

/** A slice of another series. */
function strayDicom(): Uint8Array<ArrayBuffer> {
  return encodeDicom({
    pixels: new Uint16Array(64 * 64),
    rows: 64,
    columns: 64,
    position: [0, 0, 0],
    rowCosine: [1, 0, 0],
    columnCosine: [0, 1, 0],
    pixelSpacing: [5, 5],
    slice: { spacing: 40, thickness: 36 },
    instance: 1,
    patient: "ANON",
    description: "survey",
    seriesKey: "survey",
  });
}

Deno.test("phantom --layout chaost2 refuses more cases than CHAOS has", async () => {
  const { code, stderr } = await run("phantom", "--layout", "chaost2", "--out", "nowhere", "--cases", "21");
  assert.equal(code, 2);
  assert.match(stderr, /Cannot use --cases "21": expected a whole number in 1\.\.20/);
});
