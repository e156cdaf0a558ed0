import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { writeNifti } from "../imaging/io/nifti.ts";
import type { Volume } from "../imaging/volume.ts";
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
