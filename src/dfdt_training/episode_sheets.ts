import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { Grid } from "../imaging/geometry.ts";
import { encodeColourPng } from "../imaging/io/png.ts";
import { sliceView } from "../report/cases/slice_view.ts";
import { episodeSheet } from "../report/sheets/episode_sheet.ts";
import type { TrainingOptions } from "../training/loop.ts";

/** Sheets of a training beside the first and the last: fewer than forty show too little, more are not looked at. */
const SHEETS = 40;

/** Folder of the sheets within that of the training. */
export const EPISODE_FOLDER = "episodes";

/**
 * A sheet of the first step, of the last one, and of every so many: a fortieth of the steps.
 *
 * @param dir of the training
 * @param grids of the cases, which say how their slices are shown
 */
export function episodeSheets(
  dir: string,
  { steps, side, grids }: { steps: number; side: number; grids: ReadonlyMap<string, Grid> },
): NonNullable<TrainingOptions["pictures"]> {
  const every = Math.max(1, Math.ceil(steps / SHEETS));
  const digits = String(steps).length;
  return {
    side,
    isDue: (step) => step === 1 || step === steps || step % every === 0,
    async write(step, id, slices) {
      const sheet = episodeSheet(slices, side, sliceView(grids.get(id)!));
      const path = join(EPISODE_FOLDER, `step-${String(step).padStart(digits, "0")}.png`);
      await mkdir(join(dir, EPISODE_FOLDER), { recursive: true });
      // on the disk before a snapshot of the step is: whoever goes on from there does not make it again
      const file = await open(join(dir, path), "w");
      await file.writeFile(encodeColourPng(sheet));
      await file.sync();
      await file.close();
      return path;
    },
  };
}
