// @ts-types="./d3_dsv.d.ts"
import { csvParseRows } from "d3-dsv";
import { anatomicalAxes } from "../../imaging/geometry.ts";
import { maskOf } from "../../imaging/labelling.ts";
import { orient } from "../../imaging/orient.ts";
import type { Triple, Volume } from "../../imaging/volume.ts";
import { analyzeCase } from "../cases/case_analysis.ts";
import { worstSlice } from "../cases/case_analysis.ts";
import { greyVoxels, greyWindow } from "../cases/grey.ts";
import { SlicePainter } from "../cases/slice_picture.ts";
import type { ViewerSpace } from "../cases/viewer_space.ts";
import { ViewerMaker } from "../cases/viewer_volume.ts";
import type { PageCase, PageSegment } from "../page_data.ts";
import { heatPicture } from "./heat_picture.ts";
import { millilitres, pageCase } from "./test_cases.ts";

/** A case that was segmented, and how to read it. */
export interface SegmentedSource {
  /** Its id. */
  id: string;
  /** The query, on its own grid. */
  image(): Promise<Volume>;
  /** The mask on the same grid, of the user's label values. */
  mask(): Promise<Volume>;
  /** The foreground probability of a class in 0..1 on the same grid, by its name; nothing where it was not asked for. */
  probability(name: string): Promise<Volume | undefined>;
}

/** What was segmented. */
export interface Segmented {
  /** The cases. */
  cases: readonly SegmentedSource[];
  /** Classes that were looked for, by the value that masks have of them. */
  classes: readonly { name: string; value: number }[];
  /** The text of `volumes.csv`. */
  volumes: string;
}

/** Pictures of masks and probabilities in a page at most. */
const MOST_TILES = 48;

/** Reads segmented cases one after the other. */
export async function readSegmentedCases(
  { cases, classes, volumes }: Segmented,
  { space, side }: { space: ViewerSpace; side: number },
): Promise<{ cases: PageCase[]; segments: PageSegment[] }> {
  const disagreements = disagreementsOf(volumes);
  const shown = classes.map(({ name, value }) => ({ name, number: value }));
  const found: PageCase[] = [], segments: PageSegment[] = [];
  for (const source of cases) {
    const image = sliced(await source.image()), mask = sliced(await source.mask());
    const analysis = await analyzeCase({ grid: image }, shown, (position) => {
      const { value } = classes[position];
      return Promise.resolve(maskOf(mask.data, value));
    });
    const grey = greyVoxels(image.data, greyWindow(image.data)), painter = new SlicePainter(image, grey);
    const ml = millilitres(image.spacing);
    const rows = analysis.counts.flatMap((counts, position) => {
      const { name, value } = classes[position];
      const voxels = counts!.extra.reduce((sum, count) => sum + count, 0);
      return [{
        ...{ name, position: position + 1, positions: [] },
        worst: worstSlice([counts], image.size[2]),
        predictedMl: ml * voxels,
        disagreement: disagreements.get(`${source.id}\n${value}`),
      }];
    });
    const key = `s-${found.length}`;
    found.push(pageCase({ key, id: source.id, part: "", dice: null }, { analysis, painter, image, rows }, { side }));
    for (const { name, worst } of rows) {
      const probability = segments.length < MOST_TILES ? await source.probability(name) : undefined;
      if (!probability) continue;
      const { data } = sliced(probability), area = image.size[0] * image.size[1];
      const shades = Uint8Array.from(data.subarray(worst * area, (worst + 1) * area), (p) => Math.round(100 * p));
      const picture = painter.picture(worst);
      segments.push({
        key,
        id: source.id,
        name,
        picture,
        probability: heatPicture(painter.shown(shades, 0), painter.view),
      });
    }
    const maker = new ViewerMaker(analysis, grey);
    space.offer({ make: (coarseness) => maker.make(coarseness) });
  }
  return { cases: found, segments };
}

/** The mean disagreement by case and label, where there were several supports. */
function disagreementsOf(table: string): Map<string, number> {
  const [heads = [], ...rows] = csvParseRows(table);
  const [id, label, value] = ["case", "label", "disagreement"].map((name) => heads.indexOf(name));
  return new Map(rows.flatMap((row) => row[value] ? [[`${row[id]}\n${row[label]}`, Number(row[value])]] : []));
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
