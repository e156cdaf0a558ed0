import { countClassVoxels } from "../../imaging/labelling.ts";
import type { ModelClass } from "../../model/model_facts.ts";
import type { LabelledScan } from "../../model/support_set.ts";
import { putSliceLabels, sliceLabels } from "./brush.ts";
import { type SessionScan, sliceLayout, type Structure } from "./scan.ts";

/**
 * What the model learns from: every painted slice is a shot of its own, and so are the labels of a file, however many slices they
 * are on.
 */
export function shotsOf(
  scans: readonly SessionScan[],
  structures: readonly Structure[],
): { shots: LabelledScan[]; classes: ModelClass[] } {
  const shots = scans.flatMap((scan) => {
    const slices = [...scan.examples].sort((a, b) => a - b);
    const ofFile = slices.filter((slice) => scan.fileSlices.has(slice));
    const painted = slices.filter((slice) => !scan.fileSlices.has(slice));
    const groups = [...ofFile.length > 0 ? [ofFile] : [], ...painted.map((slice) => [slice])];
    return groups.map((group): LabelledScan => {
      const data = new Uint8Array(scan.labels.length);
      for (const slice of group) {
        const layout = sliceLayout(scan, slice);
        putSliceLabels(data, layout, sliceLabels(scan.labels, layout));
      }
      return { image: scan.volume, label: { ...scan.volume, data }, name: scan.name };
    });
  });
  const shown = new Set(shots.flatMap(({ label }) => [...countClassVoxels(label.data).keys()]));
  const classes = structures.filter(({ value }) => shown.has(value)).map(({ value, name }) => ({ value, name }));
  return { shots, classes };
}
