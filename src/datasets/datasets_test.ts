import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import type { Volume } from "../imaging/volume.ts";
import { findCmr } from "./cmr.ts";
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

Deno.test("findSabs() warns of labels that lie elsewhere than their image, or are stored in another order of voxels", () =>
  inFolder(async (dir) => {
    for (const folder of ["img", "label"]) await Deno.mkdir(`${dir}/${folder}`);
    await writeNifti(`${dir}/img/img0001.nii.gz`, grid(3));
    const { affine } = grid(3);
    await writeNifti(`${dir}/label/label0001.nii.gz`, { ...grid(3), affine: affine.with(3, 10) });
    const [warning] = (await findSabs(dir)).warnings;
    assert.match(warning, /label0001\.nii\.gz" lies elsewhere than its image \(10\.0 mm\)/);
    await writeNifti(`${dir}/label/label0001.nii.gz`, { ...grid(3), spacing: [1, 1, 3], affine: affine.with(10, 3) });
    assert.match(
      (await findSabs(dir)).warnings[0],
      /lies elsewhere than its image \(2\.0 mm\); it is used voxel by voxel/,
    );
    const turned = affine.with(0, -1).with(3, 3);
    await writeNifti(`${dir}/label/label0001.nii.gz`, { ...grid(3), affine: turned });
    assert.match(
      (await findSabs(dir)).warnings[0],
      /another order of voxels .* axis 0 is reversed; the published script reads such a case unturned/,
    );
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
