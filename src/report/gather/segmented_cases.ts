import { meanOf } from "../../fewshot/scores.ts";
import { anatomicalAxes } from "../../imaging/geometry.ts";
import { orient } from "../../imaging/orient.ts";
import type { Triple, Volume } from "../../imaging/volume.ts";
import type { ClassVolume } from "../../segmentation/volumes_table.ts";
import { analyzeMask, worstSlice } from "../cases/case_analysis.ts";
import { greyVoxels, scanWindow, shrunk } from "../cases/grey.ts";
import { SlicePainter } from "../cases/slice_picture.ts";
import type { ViewerSpace } from "../cases/viewer_space.ts";
import { ViewerMaker } from "../cases/viewer_volume.ts";
import type { PageCase, PageSegment } from "../page_data.ts";
import { heatPicture } from "./heat_picture.ts";
import { millilitres, pageCase } from "./test_cases.ts";

/** A case that was segmented without a truth to compare with, and how to read it. */
export interface SegmentedSource {
  /** The fold whose model segmented it; empty where there is one model alone. */
  part: string;
  /** Its id. */
  id: string;
  /** What was found of every class that was looked for. */
  volumes: readonly ClassVolume[];
  /** The scan, on its own grid. */
  image(): Promise<Volume>;
  /** The mask on the same grid, of the user's label values. */
  mask(): Promise<Volume>;
  /** The foreground probability of a class in 0..1 on the same grid, by its name; nothing where it was not asked for. */
  probability(name: string): Promise<Volume | undefined>;
}

/** Pictures of probabilities in a page at most, and pixels of their longer side. */
const MOST_TILES = 48, TILE_SIDE = 240;

/**
 * Reads segmented cases one after the other, first those on which the supports disagree most, where that is known.
 *
 * @param options.side pixels of a small picture
 * @param progress told how many are read
 */
export async function readSegmentedCases(
  sources: readonly SegmentedSource[],
  { space, side }: { space: ViewerSpace; side: number },
  progress: (done: number, total: number) => void = () => {},
): Promise<{ cases: PageCase[]; segments: PageSegment[] }> {
  const cases: PageCase[] = [], segments: PageSegment[] = [];
  const sorted = [...sources].sort((a, b) => disagreementOf(b) - disagreementOf(a));
  for (const source of sorted) {
    const { id, part, volumes } = source;
    const image = sliced(await source.image()), { data } = sliced(await source.mask());
    const analysis = analyzeMask({ grid: image, mask: data }, volumes.map(({ label }) => label));
    const grey = greyVoxels(image.data, scanWindow(image, data)), painter = new SlicePainter(image, grey);
    const ml = millilitres(image.spacing);
    const rows = volumes.map(({ name, disagreement }, position) => {
      const counts = analysis.counts[position]!;
      return {
        ...{ name, position: position + 1, positions: [] },
        worst: worstSlice([counts], image.size[2]),
        predictedMl: ml * counts.extra.reduce((sum, count) => sum + count, 0),
        disagreement: disagreement ?? undefined,
      };
    });
    const key = `s-${cases.length}`;
    cases.push(pageCase({ key, id, part, dice: null }, { analysis, painter, image, rows }, { side }));
    for (const { name, position, worst } of rows) {
      const probability = segments.length < MOST_TILES ? await source.probability(name) : undefined;
      if (!probability) continue;
      const { data } = sliced(probability), area = image.size[0] * image.size[1], { width, height } = painter.view;
      const shades = Uint8Array.from(data.subarray(worst * area, (worst + 1) * area), (p) => Math.round(100 * p));
      segments.push({
        ...{ key, id, part, name },
        picture: {
          ...painter.picture(worst, { side: 1 }), // its place and its sides; the probability stands in for its grey
          address: heatPicture(shrunk({ width, height, data: painter.shown(shades, 0) }, TILE_SIDE)),
        },
        outline: painter.outline(analysis.predicted, worst, position),
      });
    }
    const maker = new ViewerMaker(analysis, grey);
    space.offer({ make: (coarseness) => maker.make(coarseness) });
    progress(cases.length, sorted.length);
  }
  return { cases, segments };
}

/** Mean over the classes; −1 where it is not known of any. */
function disagreementOf({ volumes }: SegmentedSource): number {
  return meanOf(volumes.map(({ disagreement }) => disagreement)) ?? -1;
}

/** How much thicker than any other an axis has to be for slices to lie along it. */
const THICK = 1.5;

/** The volume with its slices along z: the thick axis, or else foot–head. */
function sliced(volume: Volume): Volume {
  const { spacing, affine } = volume;
  const axes = [0, 1, 2] as const;
  const thick = axes.find((axis) => axes.every((other) => other === axis || spacing[axis] >= THICK * spacing[other]));
  const along = thick ?? anatomicalAxes(affine).findIndex(({ axis }) => axis === 2);
  if (along === 2) return volume;
  return orient(volume, {
    axes: [...axes.filter((axis) => axis !== along), along] as Triple,
    flips: [false, false, false],
  });
}
