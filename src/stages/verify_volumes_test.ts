import assert from "node:assert/strict";
import type { Listing } from "../datasets/sabs.ts";
import { encodeNifti, writeNifti } from "../imaging/io/nifti.ts";
import type { Volume } from "../imaging/volume.ts";
import { verifyVolumes } from "./verify_volumes.ts";

const AFFINE = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];

const scan = (data: Volume["data"], slices = 3): Volume => ({
  data,
  size: [4, 4, slices],
  spacing: [1, 1, 2],
  affine: AFFINE,
});

Deno.test("verifyVolumes() reads every file whole and lists every problem of every case", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const intensities = () => Float32Array.from({ length: 48 }, (_, i) => i);
    const listing: Listing = { images: new Map(), labels: new Map(), unpaired: new Map(), warnings: [] };
    const add = async (id: string, image: Volume, label: Volume) => {
      listing.images.set(id, `${dir}/image${id}.nii`);
      listing.labels.set(id, `${dir}/label${id}.nii.gz`);
      await writeNifti(`${dir}/image${id}.nii`, image);
      await writeNifti(`${dir}/label${id}.nii.gz`, label);
    };
    await add("10", scan(intensities()), scan(new Uint8Array(48).fill(2, 5, 9)));
    await add("2", scan(intensities().fill(NaN, 7, 8)), scan(new Uint8Array(48).fill(9, 5, 9).fill(4, 0, 2)));
    await add("3", scan(new Float32Array(48).fill(-900, 0, 9).fill(-800, 9)), scan(new Uint8Array(64), 4));
    await add("4", scan(intensities()), scan(new Uint8Array(48)));
    await Deno.writeFile(`${dir}/image4.nii`, encodeNifti(scan(intensities())).subarray(0, 500));
    listing.unpaired.set("5", "no label");

    const expected = { classes: 3, windowHU: [-125, 275] } as const;
    const found = await Array.fromAsync(verifyVolumes(listing, expected));
    assert.deepEqual(found.map(({ id, problems }) => [id, problems.length]), [["2", 2], ["3", 2], ["4", 1], ["5", 1], [
      "10",
      0,
    ]]);
    const [second, third, fourth, , tenth] = found;
    assert.match(second.problems[0], /image2\.nii": expected finite voxels, found NaN at voxel \(3, 1, 0\)/);
    assert.match(second.problems[1], /label2\.nii\.gz": expected label values 0 to 2, found 4, 9$/);
    assert.match(third.problems[0], /label3\.nii\.gz": expected the grid of its image, 4 × 4 × 3, found 4 × 4 × 4/);
    assert.match(third.problems[1], /image3\.nii": expected intensities that differ within -125\.\.275 HU/);
    assert.match(fourth.problems[0], /image4\.nii": expected 544 bytes .* the file is cut off/);
    assert.equal(tenth.about, "4 × 4 × 3, labels 0 2");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
