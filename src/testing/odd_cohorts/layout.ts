import { join } from "node:path";
import { writeGreyPng } from "../../imaging/files/png_file.ts";
import type { Volume } from "../../imaging/volume.ts";
import { blockCase, describeCohort, writeCase, writeVolume } from "../raw_cohort.ts";
import {
  DESCRIPTION,
  image,
  json,
  label,
  many,
  type OddCohort,
  oneSlice,
  spoiled,
  withExtension,
  writePlain,
} from "./write.ts";

/** Descriptions, files, folds and pictures as people have them. */
export const ODD_LAYOUTS: readonly OddCohort[] = [
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
    write: (dir) => ODD_LAYOUTS.find(({ what }) => what.startsWith("seven cases"))!.write(dir),
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
