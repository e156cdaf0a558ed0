import { anatomicalAxes } from "../../imaging/geometry.ts";
import { readNifti } from "../../imaging/files/nifti_file.ts";
import type { Volume } from "../../imaging/volume.ts";
import { meanOf } from "../../fewshot/scores.ts";
import { analyzeCase, type CaseAnalysis, diceByPosition, worstSlice } from "../cases/case_analysis.ts";
import { greyVoxels, greyWindow } from "../cases/grey.ts";
import { SlicePainter } from "../cases/slice_picture.ts";
import type { ViewerSpace } from "../cases/viewer_space.ts";
import { ViewerMaker } from "../cases/viewer_volume.ts";
import type { PageCase, PageOverlay, PageRow } from "../page_data.ts";
import { chooseOverlays, type ChosenOverlay, makeOverlay, SupportCases } from "./overlays.ts";
import type { TestArtifact } from "./test_artifact.ts";

/** What tests came to, case by case. */
export interface TestedCases {
  /** The worst first. */
  cases: PageCase[];
  /** The best, the median and the worst case and class. */
  overlays: PageOverlay[];
}

/**
 * Reads the cases of all tests, the worst first and one after the other, so that one is held in memory at a time.
 *
 * @param options.space is offered what the viewer could show of the cases, in their order
 * @param options.side pixels of a small picture
 * @param progress told how many are read
 */
export async function readTestedCases(
  tests: readonly TestArtifact[],
  { space, side }: { space: ViewerSpace; side: number },
  progress: (done: number, total: number) => void = () => {},
): Promise<TestedCases> {
  const listed = tests.flatMap((test, fold) => test.ids.map((id) => ({ test, fold, id, dice: diceOf(test, id) })));
  const value = ({ dice }: { dice: number | null }) => dice ?? 2; // without a score there is nothing wrong to be seen
  listed.sort((a, b) => value(a) - value(b));
  const chosen = chooseOverlays(tests);
  const supports = new SupportCases();
  const cases: PageCase[] = [];
  const overlays: PageOverlay[] = [];
  for (const { test, fold, id, dice } of listed) {
    const image = await readNifti(test.source.images[id]);
    const { data: labels } = await readNifti(test.source.labels[id]);
    const analysis = await analyzeCase({ grid: image, labels }, test.classes, (position) => test.mask(id, position));
    const grey = greyVoxels(image.data, greyWindow(image.data));
    const painter = new SlicePainter(image, grey);
    const key = `${fold}-${cases.length}`;
    const about = { key, id, part: tests.length > 1 ? test.source.name : "", dice };
    cases.push(pageCase(about, { analysis, painter, image, rows: rowsOf(test, id, analysis) }, { side }));
    for (const one of chosen.filter((other) => other.test === test && other.id === id)) {
      overlays.push(await makeOverlay({ ...one, key }, { analysis, painter, labels, supports }));
    }
    const maker = new ViewerMaker(analysis, grey);
    space.offer({ make: (coarseness) => maker.make(coarseness) });
    progress(cases.length, listed.length);
  }
  return { cases, overlays: inOrder(overlays) };
}

/** The case as a page shows it, but for its viewer. */
export function pageCase(
  about: Pick<PageCase, "key" | "id" | "part" | "dice">,
  { analysis, painter, image, rows }: {
    analysis: CaseAnalysis;
    painter: SlicePainter;
    image: Volume;
    rows: readonly PageRow[];
  },
  { side }: { side: number },
): PageCase {
  const slices = image.size[2];
  const worst = worstSlice(analysis.counts, slices);
  return {
    ...about,
    slices,
    worst,
    picture: painter.picture(worst, { side }),
    truthOutlines: analysis.truth ? painter.outlines(analysis.truth, worst) : "",
    predictedOutlines: painter.outlines(analysis.predicted, worst),
    rows,
    sliceAxis: anatomicalAxes(image.affine)[2].axis,
  };
}

function rowsOf(test: TestArtifact, id: string, { counts, grid }: CaseAnalysis): PageRow[] {
  return Object.entries(test.scores.classes).flatMap(([name, { cases }], position) => {
    const found = counts[position];
    if (!found || !(id in cases)) return [];
    const ml = millilitres(grid.spacing);
    const sum = (one: Uint32Array) => one.reduce((all, count) => all + count, 0);
    const both = sum(found.both);
    const baselines = test.baselines(id, name);
    return [{
      name,
      position: position + 1,
      figures: cases[id],
      copy: baselines?.copy,
      interval: baselines?.interval,
      worst: worstSlice([found], grid.size[2]),
      trueMl: ml * (both + sum(found.missed)),
      predictedMl: ml * (both + sum(found.extra)),
      positions: diceByPosition(found),
    }];
  });
}

/** Millilitres of a voxel. */
export function millilitres(spacing: readonly number[]): number {
  return spacing[0] * spacing[1] * spacing[2] / 1000;
}

/** Mean Dice of a case over its classes. */
function diceOf({ scores }: TestArtifact, id: string): number | null {
  return meanOf(Object.values(scores.classes).flatMap(({ cases }) => cases[id] ? [cases[id].dice] : []));
}

function inOrder(overlays: readonly PageOverlay[]): PageOverlay[] {
  const ROLES: ChosenOverlay["role"][] = ["best", "median", "worst"];
  return [...overlays].sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));
}
