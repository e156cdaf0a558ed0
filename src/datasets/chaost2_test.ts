import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { readDicom } from "../imaging/files/read_dicom.ts";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import { readGreyPng, writeGreyPng } from "../imaging/files/png_file.ts";
import { findChaost2 } from "./chaost2.ts";
import { readGround } from "./chaost2_labels.ts";
import { voxelNotes } from "./raw_volumes.ts";
import { readChaost2Image, readChaost2Labels } from "./chaost2_volumes.ts";
import { writeMrPhantom } from "./phantom_mr.ts";

const SILENT = voxelNotes(() => {});

const SIZE = 64, SLICES = 4;

/** A cohort of the first cases of CHAOST2, and its folder of cases. */
async function inCohort(cases: number, body: (dir: string, mr: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await writeMrPhantom(dir, { cases, size: SIZE, slices: SLICES, seed: 2023 });
    await body(dir, `${dir}/Train_Sets/MR`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Names of the files of a folder, sorted. */
async function namesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).sort();
}

async function refuses(promise: Promise<unknown>, ...messages: RegExp[]): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof UserError, String(error));
    for (const message of messages) assert.match(error.message, message);
    return true;
  });
}

Deno.test("findChaost2() finds the cases from the root of the download or any folder on the way, and no others", () =>
  inCohort(3, async (dir, mr) => {
    await Deno.mkdir(`${dir}/Train_Sets/CT/1/DICOM_anon`, { recursive: true });
    await Deno.mkdir(`${mr}/1/T1DUAL/DICOM_anon/InPhase`, { recursive: true });
    for (const root of [dir, `${dir}/Train_Sets`, mr]) {
      const { series, ground, warnings } = await findChaost2(root);
      assert.deepEqual([...series.keys()], ["1", "2", "3"]);
      assert.equal(series.get("2"), `${mr}/2/T2SPIR/DICOM_anon`);
      assert.equal(ground.get("3"), `${mr}/3/T2SPIR/Ground`);
      assert.deepEqual(warnings, []);
    }
    await refuses(findChaost2(`${dir}/Train_Sets/CT`), /Cannot find scans in ".*CT": expected Train_Sets\/MR/);
    await Deno.mkdir(`${dir}/all/CHAOS_Train_Sets`, { recursive: true });
    await Deno.rename(`${dir}/Train_Sets`, `${dir}/all/CHAOS_Train_Sets/Train_Sets`);
    assert.equal((await findChaost2(`${dir}/all`)).series.size, 3);
  }));

Deno.test("findChaost2() takes volumes that were converted already, case by case or all in one folder", () =>
  inCohort(2, async (dir, mr) => {
    const flat = `${dir}/converted`;
    await Deno.mkdir(flat);
    const expected = [];
    for (const id of ["1", "2"]) {
      const files = { series: `${mr}/${id}/T2SPIR/DICOM_anon`, ground: `${mr}/${id}/T2SPIR/Ground` };
      const volume = await readChaost2Image(files.series, SILENT);
      const label = await readChaost2Labels(files, volume, SILENT);
      expected.push(volume, label);
      await writeNifti(`${flat}/image_${id}.nii.gz`, volume);
      await writeNifti(`${flat}/label_${id}.nii.gz`, label);
    }
    // dcm2niix leaves its file beside the DICOM files or one folder up; case 1, from foot to head, keeps its PNG files
    await writeNifti(`${mr}/1/T2SPIR/DICOM_anon/301_t2.nii.gz`, expected[0]);
    assert.match(
      (await findChaost2(dir)).warnings[0],
      /301_t2\.nii\.gz" is left aside: the DICOM files of case 1 are there/,
    );
    await writeNifti(`${mr}/2/T2SPIR/label.nii.gz`, expected[3]);
    await writeNifti(`${mr}/2/T2SPIR/301_t2.nii.gz`, expected[2]);
    for (const id of ["1", "2"]) {
      for (const name of await namesIn(`${mr}/${id}/T2SPIR/DICOM_anon`)) {
        if (name.endsWith(".dcm")) await Deno.remove(`${mr}/${id}/T2SPIR/DICOM_anon/${name}`);
      }
    }
    await Deno.remove(`${mr}/2/T2SPIR/Ground`, { recursive: true });
    for (const root of [dir, flat]) {
      const { series, ground } = await findChaost2(root);
      const found = [];
      for (const id of series.keys()) {
        const image = await readChaost2Image(series.get(id)!, SILENT);
        const files = { series: series.get(id)!, ground: ground.get(id)! };
        found.push(image, await readChaost2Labels(files, image, SILENT));
      }
      assert.deepEqual(found, expected, root);
    }
  }));

Deno.test("findChaost2() lists all problems of all cases at once", () =>
  inCohort(8, async (dir, mr) => {
    const [one, two, three, five, eight, ten, thirteen] = ["1", "2", "3", "5", "8", "10", "13"].map((id) =>
      `${mr}/${id}/T2SPIR`
    );
    await Deno.remove(`${one}/DICOM_anon`, { recursive: true });
    await Deno.remove(`${two}/Ground`, { recursive: true });
    await Deno.remove(`${three}/DICOM_anon/${(await namesIn(`${three}/DICOM_anon`))[1]}`);
    await Deno.remove(`${five}/Ground/${(await namesIn(`${five}/Ground`))[1]}`);
    const [small] = await namesIn(`${eight}/Ground`);
    await writeGreyPng(`${eight}/Ground/${small}`, { width: 8, height: 9, data: new Uint8Array(72) });
    const [renamed] = await namesIn(`${ten}/Ground`);
    await Deno.rename(`${ten}/Ground/${renamed}`, `${ten}/Ground/IMG-0002-00044.png`);
    await Deno.rename(`${thirteen}/Ground/${(await namesIn(`${thirteen}/Ground`))[0]}`, `${thirteen}/Ground/first.png`);
    await refuses(
      findChaost2(dir),
      /Cannot use the raw data, 7 problems/,
      /MR\/1\/T2SPIR\/DICOM_anon": expected the DICOM files of case 1, found none/,
      /MR\/2\/T2SPIR\/Ground": expected the PNG files of case 2, found none/,
      /MR\/3\/T2SPIR\/DICOM_anon": expected slices .* mm apart, found .* a slice is missing/,
      /MR\/5\/T2SPIR\/Ground": expected 4 PNG files, one a slice of the image, found 3/,
      /MR\/8\/.*\.png": expected the size of the image, 64 × 64 pixels, found 8 × 9/,
      /MR\/10\/T2SPIR\/Ground": expected a DICOM file of the same number in ".*" for every PNG, found none for "IMG-0002-00044\.png"/,
      /first\.png": expected a file number after the last hyphen of its name, as in IMG-0002-00017, found none/,
    );
  }));

Deno.test("findChaost2() says where to unzip what, and which half of a converted pair is missing", () =>
  inCohort(1, async (dir, mr) => {
    await refuses(
      findChaost2(`${dir}/nowhere`),
      /Cannot find the data folder ".*nowhere": expected Train_Sets\/MR\/<id>/,
    );
    await Deno.mkdir(`${dir}/empty`);
    await refuses(
      findChaost2(`${dir}/empty`),
      /Cannot find scans in ".*empty": expected .* Unzip CHAOS_Train_Sets\.zip/,
    );
    const { volume } = await readDicom(`${mr}/1/T2SPIR/DICOM_anon`);
    await writeNifti(`${dir}/empty/image_7.nii.gz`, volume);
    await writeNifti(`${dir}/empty/label_8.nii.gz`, volume);
    await refuses(
      findChaost2(`${dir}/empty`),
      /image_7\.nii\.gz": expected label_7\.nii\.gz beside it, found none/,
      /label_8\.nii\.gz": expected image_8\.nii\.gz beside it, found none/,
    );
    await writeNifti(`${dir}/empty/image_8.nii.gz`, {
      ...volume,
      data: new Uint8Array(SIZE * SIZE),
      size: [SIZE, SIZE, 1],
    });
    await Deno.remove(`${dir}/empty/image_7.nii.gz`);
    await refuses(
      findChaost2(`${dir}/empty`),
      /label_8\.nii\.gz": expected the grid of its image, 64 × 64 × 1, found 64 × 64 × 4/,
    );
  }));

/** Numbers the files of a case the other way round, without changing what is in them. */
async function renumber(folder: string): Promise<void> {
  const names = await namesIn(folder);
  for (const name of names) await Deno.rename(`${folder}/${name}`, `${folder}/old ${name}`);
  for (const [i, name] of names.entries()) await Deno.rename(`${folder}/old ${name}`, `${folder}/${names.at(-1 - i)}`);
}

Deno.test("readGround() places every PNG with the DICOM file of its number, so that a series from head to foot is right", () =>
  inCohort(1, async (_, mr) => {
    const [dicom, ground] = [`${mr}/1/T2SPIR/DICOM_anon`, `${mr}/1/T2SPIR/Ground`];
    const { volume } = await readDicom(dicom);
    const { label } = await readGround(ground, volume, dicom);
    assert.deepEqual(label.affine, volume.affine);
    const [first] = await namesIn(ground); // the phantom's first case runs from the feet
    const picture = await readGreyPng(`${ground}/${first}`);
    const rank = [0, 63, 126, 189, 252];
    for (let row = 0; row < SIZE; row++) {
      const start = (SIZE - 1 - row) * SIZE;
      assert.deepEqual(
        [...label.data.subarray(start, start + SIZE)].map((value) => rank[value]),
        [...picture.data.subarray(row * SIZE, (row + 1) * SIZE)],
      );
    }
    assert.deepEqual((await readGround(ground, volume)).label.data, label.data); // the published rule
    for (const folder of [dicom, ground]) await renumber(folder);
    assert.deepEqual((await readGround(ground, (await readDicom(dicom)).volume, dicom)).label.data, label.data);
    assert.notDeepEqual((await readGround(ground, volume)).label.data, label.data);
    // a volume that lies elsewhere is none of these files
    const moved = { ...volume, affine: volume.affine.with(11, volume.affine[11] + 3) };
    await refuses(readGround(ground, moved, dicom), /expected a slice of the converted image at its place, found none/);
  }));

Deno.test("readGround() lets later organs take smaller values after a missing one, and warns of it by name", () =>
  inCohort(1, async (_, mr) => {
    const ground = `${mr}/1/T2SPIR/Ground`;
    const { volume } = await readDicom(`${mr}/1/T2SPIR/DICOM_anon`);
    const whole = await readGround(ground, volume);
    assert.deepEqual(whole.warnings, []);
    for (const name of await namesIn(ground)) {
      const picture = await readGreyPng(`${ground}/${name}`);
      await writeGreyPng(`${ground}/${name}`, {
        ...picture,
        data: picture.data.map((level) => level === 126 ? 0 : level),
      });
    }
    const { label, warnings } = await readGround(ground, volume);
    const expected = whole.label.data.map((value) => [0, 1, 0, 2, 3][value]);
    assert.deepEqual(label.data, expected);
    assert.deepEqual(warnings, [
      `"${ground}" shows no RK; as in the published data LK takes the value 2, SPLEEN takes the value 3`,
    ]);
  }));

Deno.test("readGround() refuses unknown grey levels, colours, and two files of one number", () =>
  inCohort(1, async (_, mr) => {
    const ground = `${mr}/1/T2SPIR/Ground`;
    const { volume } = await readDicom(`${mr}/1/T2SPIR/DICOM_anon`);
    const [first, second] = await namesIn(ground);
    const picture = await readGreyPng(`${ground}/${first}`);
    await writeGreyPng(`${ground}/${first}`, { ...picture, data: picture.data.with(2 * SIZE + 5, 100) });
    await refuses(
      readGround(ground, volume),
      /00001\.png": expected the grey levels 0, 63, 126, 189, 252, found 100 in row 2, column 5/,
    );
    const bytes = await Deno.readFile(`${ground}/${second}`);
    bytes[25] = 2;
    await Deno.writeFile(`${ground}/${first}`, bytes);
    await refuses(readGround(ground, volume), /00001\.png": expected a grey PNG of 8 bits, found colours/);
    await Deno.copyFile(`${ground}/${second}`, `${ground}/IMG-1-2.png`);
    await refuses(
      readGround(ground, volume),
      /expected one PNG of every number, found "IMG-.*-00002\.png" and "IMG-1-2\.png"/,
    );
  }));
