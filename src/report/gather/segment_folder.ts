import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { readRawImage } from "../../datasets/raw_volumes.ts";
import { predictionNames } from "../../inference/prediction_names.ts";
import type { PageSource } from "../make_page.ts";
import type { SegmentedSource } from "./segmented_cases.ts";

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

/** What a page shows of a folder of masks; `undefined` if it is none. Cases whose query or mask is gone are left out. */
export async function segmentSource(out: string): Promise<PageSource | undefined> {
  const record: SegmentRecord | undefined = await readFile(join(out, FILE), "utf8").then(JSON.parse, () => undefined);
  if (!record) return undefined;
  const { command, folder, host, startTime, endTime, versions, classes, queries } = record;
  const names = predictionNames(classes.map(({ name, value }) => ({ name, label: value })));
  const warnings: string[] = [];
  const cases = Object.entries(queries).flatMap(([id, query]): SegmentedSource[] => {
    const image = resolve(folder, query);
    const mask = [".nii.gz", ".png"].map((ending) => join(out, id + ending)).find((path) => existsSync(path));
    if (mask === undefined || !existsSync(image)) {
      warnings.push(`case "${id}" is not shown: its ${mask === undefined ? "mask" : `query "${query}"`} is gone`);
      return [];
    }
    return [{
      id,
      image: () => readRawImage(image, SILENT),
      mask: () => readRawImage(mask, SILENT),
      async probability(name) {
        const file = join(out, `${id}_probability_${names[classes.findIndex((one) => one.name === name)]}.nii.gz`);
        return existsSync(file) ? await readRawImage(file, SILENT) : undefined;
      },
    }];
  });
  return {
    experiment: "segment",
    dataset: basename(resolve(out)),
    ...{ differences: [], tests: [], trainings: [], outcome: { state: "done" } },
    segmented: { cases, classes, volumes: await readFile(join(out, "volumes.csv"), "utf8").catch(() => "") },
    provenance: {
      command: `./dfdt ${command.join(" ")}`,
      ...{ folder, host, startTime, endTime, versions, warnings },
      stages: [],
    },
  };
}

/** What reading a query warns of was said when it was segmented. */
const SILENT = { header: () => {}, voxels: () => {} };
