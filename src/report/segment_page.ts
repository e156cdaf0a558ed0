import { stat } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../disk.ts";
import { UserError } from "../errors.ts";
import { recordsIn } from "../segmentation/case_record.ts";
import { segmentPagePath, segmentProvenance, segmentSource } from "./gather/segment_folder.ts";
import { makePage } from "./make_page.ts";
import type { Provenance } from "./page_data.ts";

/** The page of a folder that the task `segment` left, if it is younger than all that was made there. */
export async function currentSegmentPage(out: string): Promise<string | undefined> {
  const path = segmentPagePath(out);
  if (!await segmentProvenance(out)) return undefined;
  const { mtimeMs } = await stat(path);
  for (const id of (await recordsIn(out)).keys()) {
    if ((await stat(join(out, `${id}.json`))).mtimeMs > mtimeMs) return undefined;
  }
  return path;
}

/**
 * Writes the page of a folder that the task `segment` left, of all cases that it has a record of.
 *
 * @param made what is known of the run that left them
 * @param progress told how many cases are read
 * @returns its path; `undefined` if there are no cases
 * @throws {UserError} if there is a page that is none of ours
 */
export async function writeSegmentPage(
  out: string,
  made: Provenance,
  progress?: (done: number, total: number) => void,
): Promise<string | undefined> {
  const source = await segmentSource(out, { made });
  if (!source) return undefined;
  const path = segmentPagePath(out);
  const isThere = await stat(path).then(() => true, () => false);
  if (isThere && !await segmentProvenance(out)) {
    throw new UserError(
      "usage",
      `Cannot write "${path}": expected a free name, found a page that was not made by segment`,
    );
  }
  await writeWhole(path, await makePage(source, progress));
  return path;
}
