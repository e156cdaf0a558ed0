import { join } from "node:path";
import { encodeNifti } from "../imaging/io/nifti_encode.ts";
import { writeGreyPng } from "../imaging/files/png_file.ts";
import { orient } from "../imaging/orient.ts";
import type { Volume } from "../imaging/volume.ts";
import { Random } from "../random.ts";
import { spoilHeader } from "./nifti_header.ts";
import { blockCase, type CaseOptions, describeCohort, writeCase, writeVolume } from "./raw_cohort.ts";
import { randomRotation, rotated } from "./voxel_orders.ts";

/** A data set as somebody had it, and what is to become of it. */
export interface OddCohort {
  /** What is odd about it. */
  what: string;
  /** Writes it. */
  write(dir: string): Promise<void>;
  /** Options of `verify` and `pipeline`. */
  args?: string[];
  /** Whether it is used or refused. */
  refused?: true;
  /** Whether a case without a label is of no use: `verify` names it, `pipeline` goes on without it. */
  loses?: true;
  /** What both say. */
  says?: RegExp[];
  /** What neither says. */
  silent?: RegExp;
  /** Whether what training sees of it is what it sees of {@link writePlain}, labels alike. */
  isPlain?: true;
}

/** Two plain cases. */
export async function writePlain(dir: string, options: CaseOptions = {}): Promise<void> {
  await describeCohort(dir);
  for (const [shift, id] of ["case_001", "case_002"].entries()) await writeCase(dir, id, { ...options, shift });
}

const image = (dir: string, id = "case_002") => join(dir, `imagesTr/${id}_0000.nii.gz`);
const label = (dir: string, id = "case_002") => join(dir, `labelsTr/${id}.nii.gz`);

/** Writes the second case anew. */
async function second(
  dir: string,
  change: (one: { image: Volume; label: Volume }) => { image: Volume; label: Volume },
) {
  await writePlain(dir);
  const changed = change(blockCase({ shift: 1 }));
  await writeVolume(image(dir), changed.image);
  await writeVolume(label(dir), changed.label);
}

/** A plain cohort whose files hold other bytes. */
async function spoiled(
  dir: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Promise<void> {
  await writePlain(dir);
  for (const [shift, id] of ["case_001", "case_002"].entries()) {
    const one = blockCase({ shift });
    await Deno.writeFile(image(dir, id), change(encodeNifti(one.image)));
    await Deno.writeFile(label(dir, id), change(encodeNifti(one.label)));
  }
}

/** A header extension of some bytes, as programs put between header and voxels. */
function withExtension(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length + length);
  result.set(bytes.subarray(0, 352));
  result.set(bytes.subarray(352), 352 + length);
  const view = new DataView(result.buffer);
  view.setFloat32(108, 352 + length, true); // vox_offset
  view.setUint8(348, 1);
  view.setInt32(352, length, true);
  view.setInt32(356, 6, true);
  return result;
}

const FLIPPED_Y = { axes: [0, 1, 2], flips: [false, true, false] } as const;
const UPSIDE_DOWN = { axes: [0, 1, 2], flips: [false, false, true] } as const;

/** Another numeric type of voxels. */
function mapped(volume: Volume, change: (value: number, i: number) => number): Volume {
  return { ...volume, data: Float64Array.from(volume.data, change) };
}

/** One slice of a volume. */
function oneSlice(volume: Volume): Volume {
  const [width, height] = volume.size, area = width * height;
  return { ...volume, size: [width, height, 1], data: volume.data.slice(4 * area, 5 * area) as Volume["data"] };
}

async function json(dir: string, value: unknown): Promise<void> {
  await writePlain(dir);
  await Deno.writeTextFile(join(dir, "dataset.json"), JSON.stringify(value));
}

const DESCRIPTION = { channel_names: { 0: "CT" }, labels: { background: 0, one: 1, two: 2 }, file_ending: ".nii.gz" };

/** Inputs of the kinds that people have reported, each with what is right. */
export const ODD_COHORTS: readonly OddCohort[] = [
  { what: "nothing odd", write: writePlain, silent: /^warning/m },

  // geometry
  {
    what: "an axial and a sagittal case",
    write: (dir) =>
      second(dir, ({ image, label }) => {
        const sagittal = (volume: Volume) => ({
          ...volume,
          affine: [0, 0, 5, -20, 1.5, 0, 0, -30, 0, 1.5, 0, -30, 0, 0, 0, 1],
        });
        return { image: sagittal(image), label: sagittal(label) };
      }),
    refused: true,
    says: [/slices of "case_002" run left–right, those of "case_001" foot–head/, /--set data\.sliceAxis=2/],
  },
  {
    what: "the same, cut along one axis",
    write: (dir) => ODD_COHORTS[1].write(dir),
    args: ["--set", "data.sliceAxis=2"],
    says: [/all are cut along the axis foot–head, as data\.sliceAxis says/],
  },
  {
    what: "an oblique scan, two of whose axes point most along one anatomical axis",
    async write(dir) {
      const rotation = randomRotation(new Random(7, "oblique"));
      await describeCohort(dir);
      for (const [shift, id] of ["case_001", "case_002"].entries()) {
        const one = blockCase({ shift });
        await writeVolume(image(dir, id), rotated(one.image, rotation));
        await writeVolume(label(dir, id), rotated(one.label, rotation));
      }
    },
    isPlain: true,
  },
  {
    what: "qform_code above sform_code, a half turn whose quaternion passes 1",
    write: (dir) =>
      spoiled(
        dir,
        (bytes) =>
          spoilHeader(bytes, { qformCode: 2, quaternion: [0.7071068, 0.7071068, 2e-4], pixdim: [1, 1.5, 1.5, 5] }),
      ),
    isPlain: true,
  },
  {
    what: "an sform of zeros beside a true qform",
    write: (dir) =>
      spoiled(dir, (bytes) =>
        spoilHeader(bytes, {
          rows: new Array(12).fill(0),
          qformCode: 1,
          quaternion: [0, 1, 0],
          pixdim: [-1, 1.5, 1.5, 5],
          offset: [72, -20, -100],
        })),
    says: [/sform_code is 1, but srow_x, srow_y and srow_z have only 0 .*: the qform is used/],
    isPlain: true,
  },
  {
    what: "an sform that is not finite and no qform",
    write: (dir) =>
      spoiled(
        dir,
        (bytes) => spoilHeader(bytes, { rows: new Array(12).fill(NaN), qformCode: 0, pixdim: [1, 1.5, 1.5, 5] }),
      ),
    says: [/hold values that are not finite: pixdim alone is used/],
  },
  {
    what: "no spacing at all",
    write: (dir) => spoiled(dir, (bytes) => spoilHeader(bytes, { sformCode: 0, pixdim: [1, 1.5, 1.5, 0] })),
    refused: true,
    says: [/expected a spacing above 0 mm in pixdim\[3\]/],
  },
  {
    what: "one case in metres",
    async write(dir) {
      await writePlain(dir);
      const metres = (volume: Volume) => {
        const affine = volume.affine.map((value, i) => i < 12 ? value / 1000 : value);
        const [x, y, z] = volume.spacing;
        return spoilHeader(encodeNifti({ ...volume, affine, spacing: [x / 1000, y / 1000, z / 1000] }), { units: 1 });
      };
      const one = blockCase({ shift: 1 });
      await Deno.writeFile(image(dir), metres(one.image));
      await Deno.writeFile(label(dir), metres(one.label));
    },
    isPlain: true,
  },
  {
    what: "one case ten times as large, in no unit",
    write: (dir) =>
      second(dir, ({ image, label }) => {
        const large = (volume: Volume) => ({
          ...volume,
          affine: volume.affine.map((value, i) => i < 12 ? 10 * value : value),
          spacing: volume.spacing.map((mm) => 10 * mm) as Volume["spacing"],
        });
        return { image: large(image), label: large(label) };
      }),
    says: [/case "case_002" is 720 mm wide, the median case 72 mm.*: are its units right\? .*--set data\.inPlaneMm=/s],
  },
  {
    what: "pixdim that contradicts the sform",
    write: (dir) => spoiled(dir, (bytes) => spoilHeader(bytes, { pixdim: [1, 1.5, 1.5, 3] })),
    says: [/pixdim says voxels of 1\.5 × 1\.5 × 3 mm, the sform of 1\.5 × 1\.5 × 5 mm, which is used/],
    isPlain: true,
  },
  {
    what: "slices from head to foot",
    write: (dir) => second(dir, ({ image, label }) => ({ image: turned(image), label: turned(label) })),
    says: [/slices run foot–head .*, from foot to head as in case "case_001"/],
    isPlain: true,
  },
  {
    what: "a label in another order of voxels than its image",
    write: (dir) => second(dir, ({ image, label }) => ({ image, label: orient(label, order(FLIPPED_Y)) })),
    says: [/case_002\.nii\.gz" is stored in another order of voxels than its image: axis 1 is reversed/],
    isPlain: true,
  },
  {
    what: "a label without a place",
    write: (dir) =>
      second(dir, ({ image, label }) => ({
        image,
        label: { ...label, affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], spacing: [1, 1, 1] },
      })),
    says: [/case_002\.nii\.gz" lies elsewhere than its image \([\d.]+ mm\); it is used voxel by voxel/],
    isPlain: true,
  },
  {
    what: "a label of another size",
    write: (dir) => second(dir, ({ image, label }) => ({ image, label: oneSlice(label) })),
    refused: true,
    says: [/expected the grid of its image, 48 × 40 × 10, found 48 × 40 × 1/],
  },

  // intensities
  {
    what: "a CT stored 1024 above HU",
    write: (dir) => writePlain(dir, { offset: 1024 }),
    says: [/a CT in HU has air below -500\. Are these HU\?/, /--set data\.windowHU=\[899,1299\]/],
  },
  {
    what: "a channel whose name hides a CT",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { channel_names: { 0: "Computed Tomography" } });
    },
    says: [/look like HU, but go through the percentile cut: is it a CT\?/],
  },
  {
    what: "voxels that are not finite",
    write: (dir) =>
      second(dir, ({ image, label }) => ({
        image: mapped(image, (value, i) => i < 10 ? NaN : i === 10 ? -Infinity : value),
        label: mapped(label, (value, i) => i < 3 ? NaN : value),
      })),
    says: [
      /11 of 19200 voxels are not finite .* they become the lowest finite value, -1000/,
      /3 of 19200 voxels .* background/,
    ],
    isPlain: true,
  },
  {
    what: "a constant image",
    write: (dir) => second(dir, ({ image, label }) => ({ image: mapped(image, () => 40), label })),
    refused: true,
    says: [/case_002_0000\.nii\.gz": expected /],
  },

  // labels
  {
    what: "labels 0 and 255, and gaps",
    async write(dir) {
      await writePlain(dir, { values: [255, 7] });
      await describeCohort(dir, { labels: { background: 0, one: 255, two: 7 } });
    },
    silent: /^warning/m,
  },
  {
    what: "labels off by rounding",
    write: (dir) =>
      second(dir, ({ image, label }) => ({ image, label: mapped(label, (value) => value * 0.9999999996) })),
    says: [/label values 0\.9999999996, 1\.9999999992 are taken for the whole numbers next to them/],
    isPlain: true,
  },
  {
    what: "a soft mask",
    write: (dir) => second(dir, ({ image, label }) => ({ image, label: mapped(label, (value) => value * 0.37) })),
    refused: true,
    says: [/found 0\.37, 0\.74\. A soft mask .* is no label: threshold it/],
  },
  {
    what: "a value that dataset.json does not name",
    write: (dir) =>
      second(dir, ({ image, label }) => ({ image, label: mapped(label, (value) => value === 2 ? 5 : value) })),
    refused: true,
    says: [/expected label values 0, 1, 2, found 5\. Name every value in "labels" of dataset\.json/],
  },
  {
    what: "an ignore label",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { labels: { background: 0, one: 1, ignore: 2 } });
    },
    silent: /ignore \d/,
  },
  {
    what: "regions",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { labels: { background: 0, one: [1, 2], two: 2 } });
    },
    refused: true,
    says: [/expected one value for every class in "labels", found a region, \[1,2\], for "one"/],
  },
  {
    what: "class names in another script",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { labels: { background: 0, 肝臓: 1, 脾臓: 2 } });
    },
    says: [/^(ok|fold)/m],
    silent: /^warning/m,
  },
  {
    what: "an organ that resampling loses",
    write: (dir) => small(dir),
    says: [
      /class "two" is lost: of 1 voxels none is left/,
      /"two": left out, since the support case "case_001" does not show it/,
    ],
  },
  {
    what: "the same, named by the user",
    write: (dir) => small(dir),
    args: ["--set", "test.labels=[two]"],
    refused: true,
    says: [/"two" has 1 voxels in the file, none after resampling: .*would keep it/],
  },
  {
    what: "a class that no case shows",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { labels: { background: 0, one: 1, two: 2, three: 3 } });
    },
    args: ["--set", "test.labels=[2,3]"],
    refused: true,
    says: [/no labelled case shows "three"; --set test\.labels=\[2\] tests the others/],
  },

  // dataset.json, names and endings
  {
    what: "dataset.json of null",
    write: (dir) => json(dir, null),
    refused: true,
    says: [/expected an object, found null/],
  },
  {
    what: "dataset.json that is a list",
    write: (dir) => json(dir, []),
    refused: true,
    says: [/expected an object, found \[\]/],
  },
  { what: "a name that is a number", write: (dir) => json(dir, { ...DESCRIPTION, name: 5 }), isPlain: true },
  {
    what: "a byte order mark",
    async write(dir) {
      await writePlain(dir);
      await Deno.writeTextFile(join(dir, "dataset.json"), "\ufeff" + JSON.stringify(DESCRIPTION));
    },
    isPlain: true,
  },
  {
    what: "two channels",
    async write(dir) {
      await json(dir, { ...DESCRIPTION, channel_names: { 0: "T1", 1: "T2" } });
    },
    refused: true,
    says: [/one channel/],
  },
  {
    what: "nnU-Net v1",
    async write(dir) {
      const { image, label } = blockCase();
      await describeCohort(dir, {
        channel_names: undefined,
        modality: { 0: "CT" },
        labels: { 0: "background", 1: "one", 2: "two" },
      });
      for (const id of ["case_001", "case_002"]) {
        await writeVolume(join(dir, `imagesTr/${id}.nii.gz`), image);
        await writeVolume(join(dir, `labelsTr/${id}.nii.gz`), label);
      }
    },
    says: [/dataset\.json has the form of nnU-Net v1 or Medical Segmentation Decathlon/],
  },
  {
    what: "files that systems leave",
    async write(dir) {
      await writePlain(dir);
      for (const name of ["imagesTr/._case_001_0000.nii.gz", "labelsTr/.DS_Store", "imagesTr/Thumbs.db"]) {
        await Deno.writeTextFile(join(dir, name), "left by a system");
      }
    },
    isPlain: true,
  },
  {
    what: "files of another kind under the name of a volume",
    async write(dir) {
      await writePlain(dir);
      await Deno.writeTextFile(image(dir), "<!DOCTYPE html><html>404</html>");
    },
    refused: true,
    says: [/case_002_0000\.nii\.gz": expected a NIfTI-1 or NIfTI-2 file, found a web page/],
  },
  {
    what: "a label without an image",
    async write(dir) {
      await writePlain(dir);
      await Deno.remove(image(dir));
    },
    refused: true,
    says: [/expected an image imagesTr\/case_002_0000\.nii\.gz, found none/],
  },
  {
    what: "header extensions longer than what is read of a file first",
    write: (dir) => spoiled(dir, (bytes) => withExtension(bytes, 6000)),
    isPlain: true,
  },
  {
    what: "a header extension whose length 16 does not divide",
    write: (dir) => spoiled(dir, (bytes) => withExtension(bytes, 1804)),
    isPlain: true,
  },

  // how many, and of what
  {
    what: "five cases",
    write: (dir) => many(dir, 5),
    args: ["--fold", "1"],
    says: [/fold 1 trains on/],
  },
  {
    what: "seven cases with nnU-Net's own folds, of which the second is no fold",
    async write(dir) {
      await many(dir, 7);
      const splits = [
        { train: ["c2", "c3", "c4", "c5", "c6"], val: ["c1", "c0"] },
        { train: ["c0", "c1", "c2", "c3", "c4", "c5"], val: ["c6"] },
      ];
      await Deno.writeTextFile(join(dir, "splits_final.json"), JSON.stringify(splits));
    },
    says: [/support "c1"; segments "c0"/],
  },
  {
    what: "the second of these folds",
    write: (dir) => ODD_COHORTS.find(({ what }) => what.startsWith("seven cases"))!.write(dir),
    args: ["--fold", "1"],
    refused: true,
    says: [/Cannot use fold 1 of splits_final\.json: expected a support and a query case in val, found 1/],
  },
  {
    what: "images without labels",
    async write(dir) {
      await writePlain(dir);
      for (const id of ["u1", "u2"]) await writeCase(dir, id, { unlabelled: true });
    },
    says: [/fold 0 trains on "case_001", "case_002", "u1", "u2"/],
  },
  {
    what: "an image without labels that is cut off",
    async write(dir) {
      await writePlain(dir);
      await writeCase(dir, "u1", { unlabelled: true });
      const path = image(dir, "u1"), whole = await Deno.readFile(path);
      await Deno.writeFile(path, whole.slice(0, whole.length / 2));
    },
    loses: true,
    says: [/u1_0000\.nii\.gz": expected a whole gzip file/],
  },
  {
    what: "no labels at all",
    async write(dir) {
      await describeCohort(dir);
      for (const id of ["u1", "u2"]) await writeCase(dir, id, { unlabelled: true });
    },
    says: [/it tests nothing, since no case has labels/],
  },
  {
    what: "volumes of one slice",
    async write(dir) {
      await describeCohort(dir);
      for (const [shift, id] of ["case_001", "case_002"].entries()) {
        const one = blockCase({ shift });
        await writeVolume(image(dir, id), oneSlice(one.image), { pixdim: [1, 1.5, 1.5, 0] });
        await writeVolume(label(dir, id), oneSlice(one.label), { pixdim: [1, 1.5, 1.5, 0] });
      }
    },
    says: [/every case is one slice, which fills 65 × 65 pixels by its longer edge/],
  },
  {
    what: "pictures",
    async write(dir) {
      await describeCohort(dir, { channel_names: { 0: "X-ray" }, file_ending: ".png" });
      for (const folder of ["imagesTr", "labelsTr"]) await Deno.mkdir(join(dir, folder), { recursive: true });
      for (const [shift, id] of ["case_001", "case_002"].entries()) {
        const { image, label } = blockCase({ shift }), area = 48 * 40;
        const slice = (volume: Volume, add: number) =>
          Uint8Array.from(volume.data.slice(4 * area, 5 * area), (value) => Math.min(Math.max(value + add, 0), 255));
        await writeGreyPng(join(dir, `imagesTr/${id}_0000.png`), { width: 48, height: 40, data: slice(image, 20) });
        await writeGreyPng(join(dir, `labelsTr/${id}.png`), { width: 48, height: 40, data: slice(label, 0) });
      }
    },
    says: [/every case is one slice/],
  },
];

function order({ axes, flips }: { axes: readonly number[]; flips: readonly boolean[] }) {
  return { axes: [...axes], flips: [...flips] } as Parameters<typeof orient>[1];
}

function turned(volume: Volume): Volume {
  return orient(volume, order(UPSIDE_DOWN));
}

async function many(dir: string, count: number): Promise<void> {
  await describeCohort(dir);
  for (let n = 0; n < count; n++) await writeCase(dir, `c${n}`, { shift: n % 3 });
}

/** An organ of a voxel in a scan so large that the network's slices pass over it. */
async function small(dir: string): Promise<void> {
  await describeCohort(dir);
  for (const [shift, id] of ["case_001", "case_002"].entries()) {
    const one = blockCase({ shift, size: [200, 160, 10] });
    const data = one.label.data.map((value) => value === 2 ? 0 : value) as Int16Array<ArrayBuffer>;
    data[200 * 160 * 5 + 200 * 100 + 141] = 2;
    await writeVolume(image(dir, id), one.image);
    await writeVolume(label(dir, id), { ...one.label, data });
  }
}
