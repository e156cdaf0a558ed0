import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { writeGreyPng } from "../imaging/files/png_file.ts";
import { blockCase, describeCohort, writeCase, writeVolume } from "../testing/raw_cohort.ts";
import { inFolder } from "../testing/temporary_folder.ts";
import { VOXEL_ORDERS } from "../testing/voxel_orders.ts";
import { customCohort, findNnunet } from "./nnunet.ts";

async function refuses(found: Promise<unknown>, ...messages: RegExp[]): Promise<void> {
  await assert.rejects(found, (error) => {
    assert.ok(error instanceof UserError && error.exitCode === 2, String(error));
    for (const message of messages) assert.match(error.message, message);
    return true;
  });
}

Deno.test("findNnunet() reads nnU-Net's layout, cases sorted as text, labels of some of them", () =>
  inFolder(async (dir) => {
    await describeCohort(dir, { name: "Organs" });
    for (const id of ["b", "a10", "a9", "ä"]) await writeCase(dir, id, { unlabelled: id === "b" });
    const { images, labels, about, further, splits, warnings } = await findNnunet(dir);
    assert.deepEqual([...images.keys()], ["a10", "a9", "b", "ä"]);
    assert.deepEqual([...labels.keys()], ["a10", "a9", "ä"]);
    assert.deepEqual([about.form, about.name, about.channel], ["nnU-Net v2", "Organs", "CT"]);
    assert.deepEqual([further.size, splits, warnings], [0, undefined, []]);
  }));

Deno.test("findNnunet() reads v1 and the Decathlon: modality, labels by number, images without _0000", () =>
  inFolder(async (dir) => {
    const old = { channel_names: undefined, modality: { 0: "MRI" }, labels: { 0: "background", 1: "one", 2: "two" } };
    await describeCohort(dir, old);
    const { image, label } = blockCase();
    await writeVolume(join(dir, "imagesTr/x.nii.gz"), image);
    await writeVolume(join(dir, "labelsTr/x.nii.gz"), label);
    await writeVolume(join(dir, "imagesTs/y.nii.gz"), image);
    const { images, labels, about, further } = await findNnunet(dir);
    assert.deepEqual([[...images.keys()], [...labels.keys()], [...further.keys()]], [["x"], ["x"], ["y"]]);
    assert.deepEqual([about.channel, about.classes], ["MRI", ["BG", "one", "two"]]);
    assert.match(about.form ?? "", /v1 or Medical Segmentation Decathlon/);
    await Deno.rename(join(dir, "imagesTr/x.nii.gz"), join(dir, "imagesTr/x_0000.nii.gz"));
    assert.deepEqual([...(await findNnunet(dir)).images.keys()], ["x"]);
  }));

Deno.test("findNnunet() passes over what systems leave, and compares names in one Unicode form", () =>
  inFolder(async (dir) => {
    await describeCohort(dir);
    const { image, label } = blockCase();
    await writeVolume(join(dir, "imagesTr/cafe\u0301_0000.nii.gz"), image);
    await writeVolume(join(dir, "labelsTr/caf\u00e9.nii.gz"), label);
    for (const name of ["._x_0000.nii.gz", ".DS_Store", "Thumbs.db", "desktop.ini"]) {
      await Deno.writeTextFile(join(dir, "imagesTr", name), "left by a system");
    }
    const { images, labels } = await findNnunet(dir);
    assert.deepEqual([[...images.keys()], [...labels.keys()]], [["caf\u00e9"], ["caf\u00e9"]]);
  }));

Deno.test("findNnunet() refuses labels without an image, a second channel, two files of a case and other endings, by name", () =>
  inFolder(async (dir) => {
    await refuses(findNnunet(dir), /Cannot find ".*dataset\.json"/);
    await describeCohort(dir);
    await refuses(findNnunet(dir), /Cannot find scans in .*expected imagesTr\/<case>_0000\.nii\.gz, found none/);
    await writeCase(dir, "x");
    await writeVolume(join(dir, "labelsTr/lonely.nii.gz"), blockCase().label);
    await refuses(findNnunet(dir), /lonely\.nii\.gz": expected an image imagesTr\/lonely_0000\.nii\.gz, found none/);
    await Deno.remove(join(dir, "labelsTr/lonely.nii.gz"));
    const further = join(dir, "imagesTr/x_0001.nii.gz");
    await writeVolume(further, blockCase().image);
    await refuses(findNnunet(dir), /x_0001\.nii\.gz": expected one channel a case, found a further one/);
    await Deno.remove(further);
    const twice = join(dir, "imagesTr/x_0000.nii");
    await writeVolume(twice, blockCase().image);
    await refuses(findNnunet(dir), /expected one file for "x_0000", found .* as well/);
    await Deno.remove(twice);
    for (const name of ["a.nrrd", "b.nrrd", "notes"]) await Deno.writeTextFile(join(dir, "imagesTr", name), "");
    await refuses(
      findNnunet(dir),
      /expected files that end in \.nii\.gz, \.nii or \.png, found others/,
      /a\.nrrd" and 1 more: ends in "\.nrrd"/,
      /notes": ends in nothing/,
    );
    for (const name of ["a.nrrd", "b.nrrd", "notes"]) await Deno.remove(join(dir, "imagesTr", name));
    await Deno.mkdir(join(dir, "labelsTr/y.nii.gz"));
    await refuses(findNnunet(dir), /y\.nii\.gz": expected a file, found a folder/);
  }));

Deno.test("findNnunet() takes names that systems fight over, and refuses those that no artifact could have", () =>
  inFolder(async (dir) => {
    await describeCohort(dir);
    const names = ["con", "a.", "-rf", "a b", "🫀", "x".repeat(170)];
    for (const id of names) await writeCase(dir, id);
    assert.deepEqual([...(await findNnunet(dir)).images.keys()], [...names].sort());
    await writeCase(dir, "🫀".repeat(45)); // 180 bytes, and 5 of the channel
    await refuses(findNnunet(dir), /expected a name of at most 180 bytes before its ending, .* found 185\. Rename/);
  }));

Deno.test("findNnunet() finds a label turned against its image, and refuses another size", () =>
  inFolder(async (dir) => {
    await describeCohort(dir);
    await writeCase(dir, "x", { labelOrder: VOXEL_ORDERS[2] });
    const { warnings } = await findNnunet(dir);
    assert.match(
      warnings.join(),
      /x\.nii\.gz" is stored in another order of voxels than its image: axis 1 is reversed/,
    );
    await writeVolume(join(dir, "labelsTr/x.nii.gz"), blockCase({ size: [40, 48, 10] }).label);
    await refuses(findNnunet(dir), /x\.nii\.gz": expected the grid of its image, 48 × 40 × 10, found 40 × 48 × 10/);
  }));

Deno.test("findNnunet() reads splits_final.json in its own order", () =>
  inFolder(async (dir) => {
    await describeCohort(dir);
    for (const id of ["a", "b"]) await writeCase(dir, id);
    const split = (splits: unknown) => Deno.writeTextFile(join(dir, "splits_final.json"), JSON.stringify(splits));
    await split([{ train: ["a"], val: ["d", "c"], comment: "mine" }]);
    assert.deepEqual((await findNnunet(dir)).splits, [{ train: ["a"], val: ["d", "c"] }]);
    await split({});
    await refuses(findNnunet(dir), /splits_final\.json":\n {2}the whole: expected a list of folds/);
    await split([{ train: ["a"] }]);
    await refuses(findNnunet(dir), /0\.val: expected a list, found none/);
    await split([]);
    await refuses(findNnunet(dir), /expected at least one fold, found none/);
  }));

Deno.test("customCohort() takes pictures for cases of one slice", () =>
  inFolder(async (dir) => {
    await describeCohort(dir, { file_ending: ".png", channel_names: { 0: "X-ray" } });
    for (const folder of ["imagesTr", "labelsTr"]) await Deno.mkdir(join(dir, folder));
    const picture = { width: 6, height: 4, data: Uint8Array.from({ length: 24 }, (_, i) => i) };
    await writeGreyPng(join(dir, "imagesTr/x_0000.png"), picture);
    await writeGreyPng(join(dir, "labelsTr/x.png"), { ...picture, data: new Uint8Array(24).fill(1) });
    const dataset = await findNnunet(dir);
    assert.deepEqual([...dataset.labels.keys()], ["x"]);
    const { single, decisions } = await customCohort(dataset, { side: 64 });
    assert.deepEqual(single, ["x"]);
    assert.ok(decisions.includes("every case is one slice, which fills 64 × 64 pixels by its longer edge"));
  }));
