import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { readRawImage } from "../../datasets/raw_volumes.ts";
import { predictionNames } from "../../inference/prediction_names.ts";
import type { PageSource } from "../make_page.ts";
import type { Segmented, SegmentedSource } from "./segmented_cases.ts";

/** How a folder of masks came to be: `OUT/.segment.json`. It names folders, as no other file there does. */
export interface SegmentRecord {
  /** The command as it was typed. */
  command: readonly string[];
  /** The folder it was typed in. */
  folder: string;
  /** Name of the machine. */
  host: string;
  /** When it began, ISO 8601. */
  startTime: string;
  /** When it ended. */
  endTime: string;
  /** Versions of Deno, of the project and of the adapter. */
  versions: Record<string, string>;
  /** Classes that were looked for, by the value that masks have of them. */
  classes: readonly { name: string; value: number }[];
  /** Paths of the queries by case. */
  queries: Record<string, string>;
}

const FILE = ".segment.json";

/** Keeps how a folder of masks came to be, so that its page can be made at any time. */
export async function writeSegmentRecord(out: string, record: SegmentRecord): Promise<void> {
  await writeFile(join(out, FILE), JSON.stringify(record, undefined, 1) + "\n");
}

/**
 * Cases whose masks lie in a folder, with their queries; one of which either is gone is left out.
 *
 * @param queries paths by case
 * @param warn told which cases are left out
 */
export async function segmentedCases(
  dir: string,
  queries: Readonly<Record<string, string>>,
  { classes, warn }: { classes: Segmented["classes"]; warn(message: string): void },
): Promise<Segmented> {
  const names = predictionNames(classes.map(({ name, value }) => ({ name, label: value })));
  const cases = Object.entries(queries).flatMap(([id, query]): SegmentedSource[] => {
    const mask = [".nii.gz", ".png"].map((ending) => join(dir, id + ending)).find((path) => existsSync(path));
    if (mask === undefined || !existsSync(query)) {
      warn(`case "${id}" is not shown: its ${mask === undefined ? "mask" : `query "${query}"`} is gone`);
      return [];
    }
    return [{
      id,
      image: () => readRawImage(query, SILENT),
      mask: () => readRawImage(mask, SILENT),
      async probability(name) {
        const file = join(dir, `${id}_probability_${names[classes.findIndex((one) => one.name === name)]}.nii.gz`);
        return existsSync(file) ? await readRawImage(file, SILENT) : undefined;
      },
    }];
  });
  return { cases, classes, volumes: await readFile(join(dir, "volumes.csv"), "utf8").catch(() => "") };
}

/** What a page shows of a folder of masks that `segment` left; `undefined` if it is none. */
export async function segmentSource(out: string): Promise<PageSource | undefined> {
  const record: SegmentRecord | undefined = await readFile(join(out, FILE), "utf8").then(JSON.parse, () => undefined);
  if (!record) return undefined;
  const { command, folder, host, startTime, endTime, versions, classes } = record;
  const warnings: string[] = [];
  const queries = Object.fromEntries(Object.entries(record.queries).map(([id, query]) => [id, resolve(folder, query)]));
  const segmented = await segmentedCases(out, queries, { classes, warn: (message) => warnings.push(message) });
  return {
    experiment: "segment",
    dataset: basename(resolve(out)),
    ...{ differences: [], tests: [], trainings: [], outcome: { state: "done" } },
    segmented,
    provenance: {
      command: `./dfdt ${command.join(" ")}`,
      ...{ folder, host, startTime, endTime, versions, warnings },
      stages: [],
    },
  };
}

/** What reading a query warns of was said when it was segmented. */
const SILENT = { header: () => {}, voxels: () => {} };
