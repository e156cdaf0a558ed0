import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRawImage } from "../../datasets/raw_volumes.ts";
import { predictionNames } from "../../inference/prediction_names.ts";
import { type ClassVolume, readVolumes } from "../../segmentation/volumes_table.ts";
import type { SegmentedSource } from "./segmented_cases.ts";

/** A case whose mask lies in a folder. */
interface SegmentedFiles {
  /** The folder. */
  dir: string;
  /** The fold whose model segmented it. */
  part?: string;
  id: string;
  /** Its scan: a file, or the folder of a DICOM series. */
  scan: string;
  /** Which of several series. */
  series?: string;
  volumes: readonly ClassVolume[];
}

/** How to read a case whose files `segment` wrote; `undefined` if its mask is not there. */
export function segmentedFiles(
  { dir, part = "", id, scan, series, volumes }: SegmentedFiles,
): SegmentedSource | undefined {
  const mask = [".nii.gz", ".png"].map((ending) => join(dir, id + ending)).find((path) => existsSync(path));
  if (mask === undefined) return undefined;
  const names = predictionNames(volumes);
  return {
    ...{ part, id, volumes },
    image: () => readRawImage(scan, SILENT, { series }),
    mask: () => readRawImage(mask, SILENT),
    async probability(name) {
      const file = join(dir, `${id}_probability_${names[volumes.findIndex((one) => one.name === name)]}.nii.gz`);
      return existsSync(file) ? await readRawImage(file, SILENT) : undefined;
    },
  };
}

/**
 * The cases of an artifact of stage `segment`.
 *
 * @param scans their raw images by case; cases without one are not shown
 */
export async function segmentedArtifact(
  dir: string,
  { part, scans }: { part?: string; scans: Readonly<Record<string, string>> },
): Promise<SegmentedSource[]> {
  return [...await readVolumes(dir)].flatMap(([id, volumes]) =>
    scans[id] === undefined ? [] : segmentedFiles({ dir, part, id, scan: scans[id], volumes }) ?? []
  );
}

/** What reading a scan warns of was said when it was segmented. */
const SILENT = { header: () => {}, voxels: () => {} };
