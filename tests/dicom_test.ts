import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { writeMrPhantom } from "../src/datasets/phantom_mr.ts";
import { readDicom } from "../src/imaging/files/read_dicom.ts";
import { readNifti } from "../src/imaging/files/nifti_file.ts";
import { readGreyPng } from "../src/imaging/files/png_file.ts";
import { needs, runPython } from "../src/testing/needs.ts";

const FIXTURES = fileURLToPath(new URL("fixtures/dicom/", import.meta.url));

const READ = `
import json, pathlib, sys, pydicom
folder = pathlib.Path(sys.argv[1])
found = {}
for path in sorted(folder.glob("*.dcm")):
    data = pydicom.dcmread(path)
    found[path.name] = {"pixels": data.pixel_array.ravel().tolist(), "shape": list(data.pixel_array.shape),
                        "place": list(map(float, data.ImagePositionPatient)), "instance": int(data.InstanceNumber),
                        "series": data.SeriesInstanceUID, "valid": data.SOPInstanceUID.is_valid, "modality": data.Modality}
print(json.dumps(found))
`;

const cohort = await Deno.makeTempDir();
await writeMrPhantom(cohort, { cases: 4, size: 64, slices: 5, seed: 2023 });
const sequence = (id: string) => `${cohort}/Train_Sets/MR/${id}/T2SPIR`;
addEventListener("unload", () => Deno.removeSync(cohort, { recursive: true }));

/** With seed 2023 case 2 is tilted and numbered from head to foot, case 1 straight and from foot to head. */
const IDS = ["1", "2", "3", "5"];

needs("dcm2niix").test("native dcm2niix makes the same voxels and affine of a series as readDicom()", async () => {
  const dir = await Deno.makeTempDir();
  const folders = [...IDS.map((id) => `${sequence(id)}/DICOM_anon`), `${FIXTURES}rle`, `${FIXTURES}jpeg-2000`];
  for (const [i, folder] of folders.entries()) {
    const { success, stdout } = await new Deno.Command("dcm2niix", {
      args: ["-b", "n", "-z", "n", "-f", `series${i}`, "-o", dir, folder],
    }).output();
    assert.ok(success, new TextDecoder().decode(stdout));
    const native = await readNifti(`${dir}/series${i}.nii`);
    const { volume } = await readDicom(folder);
    assert.deepEqual(volume, native, folder);
  }
  await Deno.remove(dir, { recursive: true });
});

needs("python3-pydicom").test("pydicom reads the phantom's DICOM: pixels, places and identifiers", async () => {
  const seriesUids = new Set<string>();
  for (const id of IDS) {
    const found = Object.entries<{
      pixels: number[];
      shape: number[];
      place: number[];
      instance: number;
      series: string;
      valid: boolean;
      modality: string;
    }>(JSON.parse(await runPython(READ, [`${sequence(id)}/DICOM_anon`])));
    assert.equal(found.length, 5);
    const { volume } = await readDicom(`${sequence(id)}/DICOM_anon`);
    const heights = found.map(([, { place }]) => place[2]);
    for (const [name, slice] of found) {
      seriesUids.add(slice.series);
      assert.deepEqual([slice.shape, slice.valid, slice.modality], [[64, 64], true, "MR"]);
      assert.match(name, new RegExp(`^IMG-\\d{4}-0000${slice.instance}\\.dcm$`));
      const z = heights.filter((height) => height < slice.place[2]).length;
      const rows = Array.from({ length: 64 }, (_, row) => (z * 64 + 63 - row) * 64)
        .map((start) => [...volume.data.subarray(start, start + 64)]);
      assert.deepEqual(rows.flat(), slice.pixels);
    }
  }
  assert.equal(seriesUids.size, IDS.length);
});

needs("python3-pydicom").test(
  "the phantom's series are straight and tilted, numbered from the feet and from the head",
  async () => {
    const directions = new Set<string>();
    for (const id of IDS) {
      const found = Object.values<{ place: number[] }>(
        JSON.parse(await runPython(READ, [`${sequence(id)}/DICOM_anon`])),
      );
      const [first, last] = [found[0].place, found.at(-1)!.place];
      directions.add(last[2] > first[2] ? "from the feet" : "from the head");
      directions.add(Math.abs(last[1] - first[1]) > 1 ? "tilted" : "straight");
    }
    assert.deepEqual([...directions].sort(), ["from the feet", "from the head", "straight", "tilted"]);
  },
);

Deno.test("the phantom's ground truth has the size of its slices and the four grey levels of CHAOS", async () => {
  for (const id of IDS) {
    const levels = new Set<number>();
    for await (const { name } of Deno.readDir(`${sequence(id)}/Ground`)) {
      const { width, height, data } = await readGreyPng(`${sequence(id)}/Ground/${name}`);
      assert.deepEqual([width, height], [64, 64]);
      data.forEach((level) => levels.add(level));
      assert.ok((await Deno.stat(`${sequence(id)}/DICOM_anon/${name.replace(".png", ".dcm")}`)).isFile);
    }
    assert.deepEqual([...levels].sort((a, b) => a - b), [0, 63, 126, 189, 252]);
  }
});
