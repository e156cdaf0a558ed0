import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type CaseRecord, recordsIn } from "../../segmentation/case_record.ts";
import { scanDigest } from "../../segmentation/scan_digest.ts";
import type { PageSource } from "../make_page.ts";
import { dataInPage, PROVENANCE } from "../page/scripts.ts";
import type { PageSheet, Provenance } from "../page_data.ts";
import { readSheet } from "./run_source.ts";
import type { SegmentedSource } from "./segmented_cases.ts";
import { segmentedFiles } from "./segmented_files.ts";

/** Name of the page in a folder that the task `segment` left. */
const PAGE = "index.html";

/** Path of the page of a folder that the task `segment` left. */
export function segmentPagePath(out: string): string {
  return join(out, PAGE);
}

/** What the page in a folder that `segment` left says of how its masks were made; `undefined` if it is none of ours. */
export async function segmentProvenance(out: string): Promise<Provenance | undefined> {
  const page = await readFile(segmentPagePath(out), "utf8").catch(() => "");
  return dataInPage(page, PROVENANCE) as Provenance | undefined;
}

/**
 * What a page shows of a folder that the task `segment` left; `undefined` if it is none. A scan is known by its content: it is
 * looked for where it was when it was segmented, which the folder's page says, or where it is said to be.
 *
 * @param options.scans paths by case
 * @param options.made what is known of the run that just segmented these; that of the page in the folder unless given
 */
export async function segmentSource(
  out: string,
  { scans = {}, made }: { scans?: Readonly<Record<string, string>>; made?: Provenance } = {},
): Promise<PageSource | undefined> {
  const records = await recordsIn(out).catch(() => new Map<string, CaseRecord>()); // a file, say
  if (records.size === 0) return undefined;
  const before = await segmentProvenance(out);
  const known = { ...before?.scans, ...made?.scans, ...scans };
  const warnings = [...made?.warnings ?? before?.warnings ?? []];
  const segmented: SegmentedSource[] = [], sheets: PageSheet[] = [];
  for (const [id, record] of records) {
    const { series } = record.options as { series?: string };
    const isCertain = made?.scans !== undefined && id in made.scans; // it has just been read
    const why = isCertain ? undefined : await whyNot(known[id], record, series);
    const found = why === undefined
      ? segmentedFiles({ dir: out, id, scan: known[id], series, volumes: record.classes })
      : undefined;
    if (found) segmented.push(found);
    else {
      const fault = why ?? "its mask is gone";
      warnings.push(`case "${id}" is shown as a sheet alone: ${fault}. ./dfdt report "${out}" --query PATH says where`);
      const sheet = await readSheet(join(out, "sheets", `${id}.png`), `case ${id}`);
      if (sheet && sheets.length < MOST_SHEETS) sheets.push(sheet);
    }
  }
  return {
    experiment: "segment",
    dataset: basename(resolve(out)),
    ...{ differences: [], tests: [], trainings: [], outcome: { state: "done" } },
    ...{ segmented, sheets },
    provenance: {
      ...{ versions: {}, stages: [], ...before, ...made },
      scans: Object.fromEntries([...records.keys()].flatMap((id) => id in known ? [[id, resolve(known[id])]] : [])),
      configuration: originsOf(records),
      warnings: [...new Set(warnings)],
    },
  };
}

/** Sheets of cases without their scan, at most. */
const MOST_SHEETS = 12;

/** Why a case cannot be shown with its scan; `undefined` if it can. */
async function whyNot(scan: string | undefined, { query }: CaseRecord, series?: string): Promise<string | undefined> {
  if (scan === undefined) return "it is not known where its scan lies";
  if (!existsSync(scan)) return `its scan "${scan}" is gone`;
  const digest = await scanDigest(scan, series === undefined ? {} : { series });
  return digest === query ? undefined : `"${scan}" is another scan than was segmented`;
}

/** Models, supports and options with the cases that they segmented. */
function originsOf(records: ReadonlyMap<string, CaseRecord>): unknown {
  const origins = Map.groupBy(
    records,
    ([, { model, supports, options }]) => JSON.stringify({ model, supports, options }),
  );
  const all = [...origins].map(([origin, cases]) => ({ cases: cases.map(([id]) => id), ...JSON.parse(origin) }));
  return all.length === 1 ? all[0] : all;
}
