import { join } from "node:path";
import { z } from "zod";
import { loadModel } from "../model/model.ts";
import { type LabelledScan, SupportSet } from "../model/support_set.ts";
import { encodeColourPng } from "../imaging/io/png.ts";
import { defineCaseStage } from "../pipeline/mod.ts";
import { scanSheet } from "../report/sheets/contact_sheet.ts";
import { outsideInWords, writeCase } from "../segmentation/case_files.ts";
import { readLabelledScan } from "../segmentation/labelled_scan.ts";
import { readVolumes, volumeOf, volumesCsv } from "../segmentation/volumes_table.ts";

/**
 * Segments a user's cases without labels on their own raw grids, as the task `segment` does
 * (docs/command-line.md, "Cases without labels").
 */
export const segment = defineCaseStage({
  name: "segment",
  version: 3,
  usesAdapter: true,
  /** Raw images. */
  inputs: ["images"],
  /** The model or a snapshot; raw images and labels of the shots. */
  shared: { model: "file", supportImages: "cases", supportLabels: "cases" },
  params: z.object({
    /** Classes that are looked for. */
    classes: z.array(z.object({ name: z.string(), value: z.int() })),
    /** Support cases in order: the shots. */
    supports: z.array(z.string()).min(1),
    /** Keeps only the largest component of every class. */
    largest: z.boolean(),
  }),
  outputs: { masks: (id) => `${id}.nii.gz` },
  pictures: "sheet_*.png",
  async open({ inputs, params: { classes, supports: ids } }) {
    const model = await loadModel(await Deno.readFile(inputs.model), { name: inputs.model });
    const scans: LabelledScan[] = [];
    const said = { header: () => {}, voxels: () => {} }; // by the stage that normalises
    for (const id of ids) {
      scans.push(await readLabelledScan({ image: inputs.supportImages[id], label: inputs.supportLabels[id] }, said));
    }
    const supports = new SupportSet(model, scans, classes);
    return {
      ...{ model, supports },
      [Symbol.dispose]() {
        supports[Symbol.dispose]();
        model[Symbol.dispose]();
      },
    };
  },
  async run({ id, inputs, params: { largest }, opened, output, warn, signal }) {
    const options = { largest, probability: false, dicomSeg: false, codes: [], dir: output };
    const scan = { id, path: inputs.images };
    const { image, mask, classes, outside } = await writeCase(opened, scan, options, { warn, signal });
    if (outside > 0) warn(`case "${id}": ${outsideInWords(outside)}`);
    await Deno.writeTextFile(
      join(output, `volumes_${id}.json`),
      JSON.stringify(classes.map(volumeOf), undefined, 1) + "\n",
    );
    await Deno.writeFile(join(output, `sheet_${id}.png`), encodeColourPng(scanSheet(image, mask.data)));
  },
  async collect({ ids, output }) {
    await Deno.writeTextFile(join(output, "volumes.csv"), volumesCsv(await readVolumes(output, ids)));
  },
});
