import assert from "node:assert/strict";
import { readNifti, writeNifti } from "../src/imaging/files/nifti_file.ts";
import type { Volume } from "../src/imaging/volume.ts";
import { needs, runPython } from "../src/testing/needs.ts";

const nibabel = needs("python3-nibabel");

const READ = `
import json, sys, nibabel
image = nibabel.load(sys.argv[1])
data = image.get_fdata().ravel(order="F").tolist()
forms = [image.header.get_sform().ravel().tolist(), image.header.get_qform().ravel().tolist()]
print(json.dumps({"data": data, "affine": image.affine.ravel().tolist(), "forms": forms, "type": str(image.get_data_dtype())}))
`;

const WRITE = `
import json, sys, numpy, nibabel
folder = sys.argv[1]
affine = numpy.array([[-2, 0, 0.2, 5], [0, 1.5, 0, -7], [0.1, 0, 3, 11], [0, 0, 0, 1.0]])
values = numpy.arange(24).reshape(4, 3, 2) - 7
for name, kind, dtype in [("one.nii", nibabel.Nifti1Image, "<i2"), ("two.nii.gz", nibabel.Nifti2Image, "<f4"),
                          ("big.nii.gz", nibabel.Nifti1Image, ">f8"), ("bytes.nii", nibabel.Nifti1Image, "|i1"), ("long.nii", nibabel.Nifti1Image, "<i8")]:
    header = kind.header_class(endianness=dtype[0] if dtype[0] in "<>" else "<")
    header.set_data_dtype(numpy.dtype(dtype))
    nibabel.save(kind(values.astype(dtype), affine, header), folder + "/" + name)
scaled = nibabel.Nifti1Image(values.astype("<i2"), affine)
scaled.header.set_slope_inter(0.5, -3)
nibabel.save(scaled, folder + "/scaled.nii.gz")
print(json.dumps({name: nibabel.load(folder + "/" + name).get_fdata().ravel(order="F").tolist()
                  for name in ["one.nii", "two.nii.gz", "big.nii.gz", "bytes.nii", "long.nii", "scaled.nii.gz"]}))
`;

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

nibabel.test("nibabel reads what writeNifti() writes: voxels, sform, qform, type", () =>
  inFolder(async (dir) => {
    const turn = Math.SQRT1_2;
    const affine = [-1.5 * turn, -1.5 * turn, 0, 4, -1.5 * turn, 1.5 * turn, 0, -9, 0, 0, 5, 2, 0, 0, 0, 1];
    const values = Array.from({ length: 24 }, (_, i) => i);
    const arrays = {
      int16: Int16Array.from(values),
      uint8: Uint8Array.from(values),
      float32: Float32Array.from(values),
      float64: Float64Array.from(values),
    };
    for (const [type, data] of Object.entries(arrays)) {
      const volume: Volume = { data, size: [4, 3, 2], spacing: [1.5, 1.5, 5], affine };
      const path = `${dir}/${type}.nii.gz`;
      await writeNifti(path, volume);
      const found = JSON.parse(await runPython(READ, [path]));
      assert.deepEqual(found.data, values);
      assert.equal(found.type, type);
      // The header keeps three float32 numbers of a unit quaternion: at half a turn the fourth is known to 3e-4 alone.
      for (const [form, tolerance] of [[found.forms[0], 1e-5], [found.forms[1], 5e-3]]) {
        for (const [i, value] of form.entries()) assert.ok(Math.abs(value - affine[i]) < tolerance, `${form}`);
      }
    }
  }));

nibabel.test("readNifti() reads what nibabel writes: NIfTI-1 and -2, both byte orders, scaled", () =>
  inFolder(async (dir) => {
    const expected: Record<string, number[]> = JSON.parse(await runPython(WRITE, [dir]));
    const affine = [-2, 0, 0.2, 5, 0, 1.5, 0, -7, 0.1, 0, 3, 11];
    for (const [name, data] of Object.entries(expected)) {
      const found = await readNifti(`${dir}/${name}`);
      assert.deepEqual([...found.data], data, name);
      for (const [i, value] of affine.entries()) assert.ok(Math.abs(found.affine[i] - value) < 1e-6, name);
    }
  }));
