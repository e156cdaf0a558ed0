import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { UserError } from "../../errors.ts";
import { encodeNifti } from "../io/nifti_encode.ts";
import type { Volume } from "../volume.ts";
import { readNifti, readNiftiHeader, writeNifti } from "./nifti_file.ts";

const AFFINE = [-1.5, 0.1, 0, 40, 0, -1.2, 0.3, 30, 0.2, 0, 5, -20, 0, 0, 0, 1];
const SPACING = [Math.hypot(1.5, 0.2), Math.hypot(0.1, 1.2), Math.hypot(0.3, 5)].map(Math.fround) as Volume["spacing"];

function volume(data: Volume["data"]): Volume {
  return { data, size: [3, 2, 4], spacing: SPACING, affine: AFFINE };
}

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("readNifti() reads .nii, .nii.gz and several gzip members; writeNifti() repeats its bytes", () =>
  inFolder(async (dir) => {
    const before = volume(Int16Array.from({ length: 24 }, (_, i) => i));
    for (const name of ["a.nii", "a.nii.gz"]) {
      await writeNifti(`${dir}/${name}`, before);
      const bytes = await Deno.readFile(`${dir}/${name}`);
      // the head of a gzip member without time, name and system: the bytes are the same on every machine
      if (name.endsWith(".gz")) assert.deepEqual([...bytes.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
      await writeNifti(`${dir}/${name}`, before);
      assert.deepEqual(await Deno.readFile(`${dir}/${name}`), bytes);
      assert.deepEqual((await readNifti(`${dir}/${name}`)).data, before.data);
      assert.deepEqual((await readNiftiHeader(`${dir}/${name}`)).size, [3, 2, 4]);
    }
    const whole = encodeNifti(before);
    const members = [whole.subarray(0, 360), whole.subarray(360, 361), whole.subarray(361)].map((part) =>
      gzipSync(part)
    );
    await Deno.writeFile(`${dir}/b.nii.gz`, new Uint8Array(members.flatMap((member) => [...member])));
    assert.deepEqual((await readNifti(`${dir}/b.nii.gz`)).data, before.data);
  }));

Deno.test("readNifti() refuses what is missing, cut off, or no NIfTI", () =>
  inFolder(async (dir) => {
    const refuse = (name: string, message: RegExp) =>
      assert.rejects(readNifti(`${dir}/${name}`), (error) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.exitCode, 2);
        assert.ok(error.message.startsWith(`Cannot read "${dir}/${name}": expected`), error.message);
        assert.match(error.message, message);
        return true;
      });
    const bytes = encodeNifti(volume(new Int16Array(24)));
    await refuse("none.nii", /no such file/);
    await Deno.writeFile(`${dir}/short.nii`, bytes.subarray(0, -1));
    await refuse("short.nii", /expected 400 bytes \(3 × 2 × 4 voxels\), found 399: the file is cut off/);
    await Deno.writeFile(`${dir}/long.nii`, new Uint8Array([...bytes, 0]));
    await refuse("long.nii", /expected 400 bytes .*found 401: its header does not fit/);
    await Deno.writeFile(`${dir}/short.nii.gz`, gzipSync(bytes).subarray(0, -12));
    await refuse("short.nii.gz", /expected a whole gzip file, found a cut-off or damaged one/);
    await Deno.writeFile(`${dir}/tiny.nii.gz`, new Uint8Array([0x1f, 0x8b, 8]));
    await refuse("tiny.nii.gz", /expected a whole gzip file, found a cut-off or damaged one/);
    await Deno.writeTextFile(`${dir}/text.nii`, "not a scan ".repeat(60));
    await refuse("text.nii", /expected a NIfTI-1 or NIfTI-2 file/);
    const complex = bytes.slice();
    new DataView(complex.buffer).setInt16(70, 32, true);
    await Deno.writeFile(`${dir}/complex.nii`, complex);
    await refuse("complex.nii", /expected integers or real numbers, found complex voxels/);
    await Deno.writeFile(
      `${dir}/nan.nii`,
      encodeNifti(volume(Float32Array.from({ length: 24 }, (_, i) => i === 17 ? NaN : i))),
    );
    await refuse("nan.nii", /expected finite voxels, found NaN at voxel \(2, 1, 2\)/);
  }));
