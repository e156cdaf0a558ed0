import assert from "node:assert/strict";
import { join } from "node:path";
import { readNifti } from "../imaging/files/nifti_file.ts";
import { countClassVoxels } from "../imaging/labelling.ts";
import type { Volume } from "../imaging/volume.ts";
import { inFolder } from "../testing/temporary_folder.ts";
import { findNnunet } from "./nnunet.ts";
import { phantomCase } from "../phantom/scan.ts";
import { fullestSlices, nnunetPhantomCase, writeNnunetPhantom } from "./phantom_nnunet.ts";

const OPTIONS = { cases: 3, size: 64, slices: 8, seed: 2023, labelled: 1, oneSlice: true };

Deno.test("writeNnunetPhantom() writes what findNnunet() reads: all images, labels of the first cases, one slice a class", () =>
  inFolder(async (dir) => {
    const done: number[] = [];
    await writeNnunetPhantom(dir, OPTIONS, (count) => done.push(count));
    const { images, labels, about, warnings } = await findNnunet(dir);
    assert.deepEqual(done, [1, 2, 3]);
    assert.deepEqual(warnings, []);
    assert.deepEqual([...images.keys()], ["phantom_001", "phantom_002", "phantom_003"]);
    assert.deepEqual([...labels.keys()], ["phantom_001"]);
    assert.deepEqual([about.form, about.channel], ["nnU-Net v2", "CT"]);
    assert.deepEqual(about.classes, ["BG", "spleen", "kidney_right", "kidney_left", "liver", "stomach", "aorta"]);
    const label = await readNifti(labels.get("phantom_001")!);
    const { image: raw, label: whole } = phantomCase(0, OPTIONS);
    assert.deepEqual((await readNifti(images.get("phantom_001")!)).data, raw.data);
    const area = 64 * 64;
    const perSlice = (volume: Volume, value: number) =>
      Array.from(
        { length: 8 },
        (_, z) => countClassVoxels(volume.data.subarray(z * area, (z + 1) * area)).get(value) ?? 0,
      );
    for (const [position, sabsNumber] of [1, 2, 3, 6, 7, 8].entries()) {
      const all = perSlice(whole, sabsNumber), left = perSlice(label, position + 1), most = Math.max(...all);
      assert.ok(most > 0, `${sabsNumber}`);
      assert.deepEqual(left, all.map((_, z) => z === all.indexOf(most) ? most : 0));
    }
    assert.equal(JSON.parse(await Deno.readTextFile(join(dir, "dataset.json"))).numTraining, 1);
  }));

Deno.test("nnunetPhantomCase() is the case of the abdominal phantom with the same number, its values without gaps", () => {
  const { image, label } = nnunetPhantomCase(4, { ...OPTIONS, oneSlice: false });
  const sabs = phantomCase(4, OPTIONS);
  assert.deepEqual(image, sabs.image);
  const values = [0, 1, 2, 3, 6, 7, 8]; // of SABS, by value
  assert.deepEqual(Array.from(label.data, (value) => values[value]), [...sabs.label.data]);
});

Deno.test("fullestSlices() leaves every class on its fullest slice, the first among equals", () => {
  const grid = { spacing: [1, 1, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] } as Pick<
    Volume,
    "spacing" | "affine"
  >;
  const data = Uint8Array.of(1, 0, 2, 2, /**/ 1, 1, 2, 0, /**/ 0, 1, 1, 3);
  assert.deepEqual(
    [...fullestSlices({ data, size: [2, 2, 3], ...grid }).data],
    [0, 0, 2, 2, /**/ 1, 1, 0, 0, /**/ 0, 0, 0, 3],
  );
});
