import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { writeNifti } from "../imaging/io/nifti.ts";
import type { Volume } from "../imaging/volume.ts";
import { findCmr } from "./cmr.ts";
import { customGrids, findNnunet } from "./nnunet.ts";
import { findSabs } from "./sabs.ts";

function grid(slices: number): Volume {
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];
  return { data: new Uint8Array(16 * slices), size: [4, 4, slices], spacing: [1, 1, 2], affine };
}

async function refuses(found: Promise<unknown>, ...messages: RegExp[]): Promise<void> {
  await assert.rejects(found, (error) => {
    assert.ok(error instanceof UserError && error.exitCode === 2);
    for (const message of messages) assert.match(error.message, message);
    return true;
  });
}

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("findSabs() pairs by number and numbers the cases as published", () =>
  inFolder(async (dir) => {
    for (const folder of ["img", "label"]) {
      await Deno.mkdir(`${dir}/RawData/Training/${folder}`, { recursive: true });
      for (const n of ["0001", "0010", "0021"]) {
        await writeNifti(`${dir}/RawData/Training/${folder}/${folder}${n}.nii.gz`, grid(3));
      }
    }
    const { images, warnings } = await findSabs(dir);
    assert.deepEqual([...images.keys()], ["0", "9", "10"]);
    assert.deepEqual(warnings, []);
    assert.deepEqual([...(await findSabs(`${dir}/RawData/Training`)).images.keys()], ["0", "9", "10"]);
  }));

Deno.test("findSabs() lists all problems of the raw files at once", () =>
  inFolder(async (dir) => {
    await refuses(findSabs(`${dir}/none`), /Cannot find the data folder/);
    await refuses(findSabs(dir), /expected RawData\/Training\/img\/img0001\.nii\.gz/);
    for (const folder of ["img", "label"]) await Deno.mkdir(`${dir}/${folder}`);
    await writeNifti(`${dir}/img/img0001.nii.gz`, grid(3));
    await writeNifti(`${dir}/label/label0002.nii.gz`, grid(3));
    await writeNifti(`${dir}/img/img0003.nii.gz`, grid(3));
    await writeNifti(`${dir}/label/label0003.nii.gz`, grid(4));
    await refuses(
      findSabs(dir),
      /3 problems/,
      /img0001\.nii\.gz": expected a label of number 1, found none/,
      /label0002\.nii\.gz": expected an image of number 2, found none/,
      /label0003\.nii\.gz": expected the grid of its image, 4 × 4 × 3, found 4 × 4 × 4/,
    );
  }));

Deno.test("findSabs() refuses labels of another voxel spacing and warns of those that lie elsewhere", () =>
  inFolder(async (dir) => {
    for (const folder of ["img", "label"]) await Deno.mkdir(`${dir}/${folder}`);
    await writeNifti(`${dir}/img/img0001.nii.gz`, grid(3));
    const { affine } = grid(3);
    await writeNifti(`${dir}/label/label0001.nii.gz`, { ...grid(3), affine: affine.with(3, 10) });
    const [warning] = (await findSabs(dir)).warnings;
    assert.match(warning, /label0001\.nii\.gz" lies elsewhere than its image \(10\.0 mm\)/);
    await writeNifti(`${dir}/label/label0001.nii.gz`, { ...grid(3), spacing: [1, 1, 3], affine: affine.with(10, 3) });
    await refuses(findSabs(dir), /expected the voxel spacing of its image, 1 × 1 × 2 mm, found 1 × 1 × 3 mm/);
  }));

/** Writes an image or a label map, and its folder. */
async function write(path: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await writeNifti(path, grid(3));
}

Deno.test("findSabs() refuses two files of one number", () =>
  inFolder(async (dir) => {
    for (const name of ["img/img0001.nii.gz", "img/img0001.nii", "label/label0001.nii.gz"]) {
      await write(`${dir}/${name}`);
    }
    await refuses(findSabs(dir), /img0001\.nii\.gz": expected one file of number 1, found ".*img0001\.nii" as well/);
  }));

Deno.test("findCmr() finds the files as downloaded from every folder, and leaves T2, LGE and unlabelled patients out", () =>
  inFolder(async (dir) => {
    const root = `${dir}/C0LET2_nii45_for_challenge19`;
    for (const n of [1, 2, 11]) {
      for (const kind of ["C0", "T2", "LGE"]) await write(`${root}/c0t2lge/patient${n}_${kind}.nii.gz`);
      await write(`${root}/c0gt/patient${n}_C0_manual.nii.gz`);
    }
    for (const n of [36, 45]) await write(`${root}/c0t2lge/patient${n}_C0.nii.gz`);
    for (const from of [dir, root, `${root}/c0t2lge`, `${root}/c0gt`]) {
      const { images, labels, warnings } = await findCmr(from);
      assert.deepEqual([...images.keys()], ["1", "2", "11"]);
      assert.ok(images.get("11")!.endsWith("c0t2lge/patient11_C0.nii.gz"));
      assert.ok(labels.get("11")!.endsWith("c0gt/patient11_C0_manual.nii.gz"));
      assert.deepEqual(warnings, ["2 of 5 C0 images have no labels (patients 36, 45); they are left out"]);
    }
  }));

Deno.test("findCmr() finds the files as the published scripts have them renamed, and says what it expects", () =>
  inFolder(async (dir) => {
    await refuses(findCmr(`${dir}/none`), /Cannot find the data folder ".*none": expected c0t2lge and c0gt in it/);
    await refuses(findCmr(dir), /expected c0t2lge\/patient1_C0\.nii\.gz and c0gt\/patient1_C0_manual\.nii\.gz/);
    for (const name of ["image_3", "label_3", "image_10", "label_10"]) await write(`${dir}/bSSFP/${name}.nii.gz`);
    assert.deepEqual([...(await findCmr(dir)).images.keys()], ["3", "10"]);
    assert.deepEqual([...(await findCmr(`${dir}/bSSFP`)).labels.keys()], ["3", "10"]);
    await Deno.remove(`${dir}/bSSFP/label_3.nii.gz`);
    await write(`${dir}/bSSFP/label_4.nii.gz`);
    await refuses(
      findCmr(dir),
      /2 problems/,
      /image_3\.nii\.gz": expected a label of patient 3, found none/,
      /label_4\.nii\.gz": expected an image of patient 4, found none/,
    );
  }));

Deno.test("findNnunet() refuses a second channel and classes that share a label", () =>
  inFolder(async (dir) => {
    const describe = (labels: object) =>
      Deno.writeTextFile(`${dir}/dataset.json`, JSON.stringify({ channel_names: { 0: "CT" }, labels }));
    await describe({ background: 0, a: 1, b: 1 });
    await refuses(findNnunet(dir), /expected a label of its own for every class, found 1 for "b" and another one/);
    await describe({ background: 0, a: -1 });
    await refuses(findNnunet(dir), /expected a whole number from 0 as label of "a", found -1/);
    await describe({ background: 0, a: 1 });
    for (const name of ["imagesTr/x_0000", "imagesTr/x_0001", "labelsTr/x"]) await write(`${dir}/${name}.nii.gz`);
    await refuses(findNnunet(dir), /x_0001\.nii\.gz": expected one channel a case, found a second one/);
  }));

Deno.test("findNnunet() reads splits_final.json, and refuses one that does not fit the cases", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(
      `${dir}/dataset.json`,
      JSON.stringify({ channel_names: { 0: "CT" }, labels: { background: 0, a: 1 } }),
    );
    for (const id of ["a", "b", "c", "d"]) {
      await write(`${dir}/imagesTr/${id}_0000.nii.gz`);
      await write(`${dir}/labelsTr/${id}.nii.gz`);
    }
    assert.equal((await findNnunet(dir)).splits, undefined);
    const split = (splits: unknown) => Deno.writeTextFile(`${dir}/splits_final.json`, JSON.stringify(splits));
    await split([{ train: ["a", "b"], val: ["d", "c"] }]);
    assert.deepEqual((await findNnunet(dir)).splits, [{ train: ["a", "b"], val: ["d", "c"] }]);
    for (const wrong of [{}, [], [{ train: ["a"] }], [{ train: ["a"], val: [1, 2] }]]) {
      await split(wrong);
      await refuses(findNnunet(dir), /splits_final\.json": expected a list of folds/);
    }
    await split([{ train: ["a", "e"], val: ["b", "c"] }, { train: ["a", "b"], val: ["b"] }, {
      train: [],
      val: ["a", "b"],
    }]);
    await refuses(
      findNnunet(dir),
      /fold 0: expected names of cases, found e/,
      /fold 1: expected every case once, found b twice/,
      /fold 1: expected a support and a query case in val, found 1/,
      /fold 2: expected training cases, found none/,
    );
  }));

Deno.test("findNnunet() reads nnU-Net's layout and refuses what it cannot use", () =>
  inFolder(async (dir) => {
    await refuses(findNnunet(dir), /Cannot find ".*dataset\.json"/);
    const describe = (about: object) => Deno.writeTextFile(`${dir}/dataset.json`, JSON.stringify(about));
    const about = { channel_names: { 0: "MRI" }, labels: { background: 0, b: 2, a: 1 }, file_ending: ".nii.gz" };
    await Deno.writeTextFile(`${dir}/dataset.json`, "{");
    await refuses(findNnunet(dir), /expected JSON/);
    await describe({ ...about, channel_names: { 0: "T1", 1: "T2" } });
    await refuses(findNnunet(dir), /expected one channel in channel_names, found 2/);
    await describe({ ...about, labels: { background: 0, a: 3 } });
    await refuses(findNnunet(dir), /expected labels 0, 1, 2, … without gaps/);
    await describe(about);
    await refuses(findNnunet(dir), /expected imagesTr\/<case>_0000\.nii\.gz, found none/);
    for (const folder of ["imagesTr", "labelsTr"]) await Deno.mkdir(`${dir}/${folder}`);
    await writeNifti(`${dir}/imagesTr/x_0000.nii.gz`, grid(3));
    await refuses(findNnunet(dir), /expected labelsTr\/x\.nii\.gz, found none/);
    await writeNifti(`${dir}/labelsTr/x.nii.gz`, grid(3));
    const found = await findNnunet(dir);
    assert.deepEqual([found.modality, found.classes], ["mr", ["BG", "a", "b"]]);
    const { inPlaneMm, orientations } = await customGrids(found, { side: 8 });
    assert.equal(inPlaneMm, 0.5);
    assert.deepEqual(orientations.x.axes, [0, 1, 2]);
  }));
