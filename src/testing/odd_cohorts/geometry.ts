import { encodeNifti } from "../../imaging/io/nifti_encode.ts";
import { orient } from "../../imaging/orient.ts";
import type { Volume } from "../../imaging/volume.ts";
import { Random } from "../../random.ts";
import { spoilHeader } from "../nifti_header.ts";
import { blockCase, describeCohort, writeVolume } from "../raw_cohort.ts";
import { randomRotation, rotated } from "../voxel_orders.ts";
import {
  FLIPPED_Y,
  image,
  label,
  type OddCohort,
  oneSlice,
  order,
  second,
  spoiled,
  turned,
  writePlain,
} from "./write.ts";

/** Headers and orders of voxels as people have them. */
export const ODD_GEOMETRY: readonly OddCohort[] = [
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
    write: (dir) => ODD_GEOMETRY[1].write(dir),
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
];
