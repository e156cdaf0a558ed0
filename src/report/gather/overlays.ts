import { slicePlan } from "../../fewshot/support_choice.ts";
import { readNifti } from "../../imaging/files/nifti_file.ts";
import { bodyBox, cropped, type PixelBox } from "../cases/body_box.ts";
import { type CaseAnalysis, fullestSlice } from "../cases/case_analysis.ts";
import { greyVoxels, greyWindow } from "../cases/grey.ts";
import { outlinePath } from "../cases/outline.ts";
import { SlicePainter } from "../cases/slice_picture.ts";
import type { VoxelArray } from "../../imaging/volume.ts";
import type { PageOverlay } from "../page_data.ts";
import { heatPicture } from "./heat_picture.ts";
import type { TestArtifact } from "./test_artifact.ts";

/** A case and class that is shown tile by tile. */
export interface ChosenOverlay {
  /** Why. */
  role: PageOverlay["role"];
  /** Where it was tested. */
  test: TestArtifact;
  /** Id of the case. */
  id: string;
  /** Position of the class. */
  position: number;
  /** Name of the class. */
  name: string;
  /** Its Dice. */
  dice: number;
}

/** The best, the median and the worst case and class of all tests; of fewer than three each once. */
export function chooseOverlays(tests: readonly TestArtifact[]): ChosenOverlay[] {
  const all = tests.flatMap((test) =>
    Object.entries(test.scores.classes).flatMap(([name, { cases }], position) =>
      Object.entries(cases).flatMap(([id, { dice }]) => dice === null ? [] : [{ test, id, position, name, dice }])
    )
  ).sort((a, b) => b.dice - a.dice);
  const places: [PageOverlay["role"], number][] = [["best", 0], ["worst", all.length - 1], ["median", all.length >> 1]];
  const taken = new Set<number>();
  return places.flatMap(([role, at]) => {
    if (at < 0 || taken.has(at)) return [];
    taken.add(at);
    return [{ role, ...all[at] }];
  });
}

/** The support cases of tests, each read once. */
export class SupportCases {
  readonly #known = new Map<TestArtifact, Promise<{ painter: SlicePainter; data: VoxelArray }>>();

  /** The support case of a test: its slices, and the label of every voxel. */
  of(test: TestArtifact): Promise<{ painter: SlicePainter; data: VoxelArray }> {
    let found = this.#known.get(test);
    if (!found) this.#known.set(test, found = this.#read(test));
    return found;
  }

  async #read({ scores: { support }, source: { images, labels } }: TestArtifact) {
    const image = await readNifti(images[support]), { data } = await readNifti(labels[support]);
    return { painter: new SlicePainter(image, greyVoxels(image.data, greyWindow(image.data))), data };
  }
}

/** The tiles of a case and class, on the slice that shows most of it, cut to the body. */
export async function makeOverlay(
  { role, test, id, position, name, dice, key }: ChosenOverlay & { key: string },
  { analysis, painter, labels, supports }: {
    analysis: CaseAnalysis;
    painter: SlicePainter;
    labels: VoxelArray;
    supports: SupportCases;
  },
): Promise<PageOverlay> {
  const [nx, ny] = analysis.grid.size, area = nx * ny;
  const slice = fullestSlice(analysis.counts[position]!);
  const { number } = test.classes[position];
  /** The slice of a volume, voxel by voxel made to bytes, as pictures show it. */
  const shown = (volume: ArrayLike<number>, byteOf: (value: number) => number) =>
    painter.shown(Uint8Array.from({ length: area }, (_, i) => byteOf(volume[slice * area + i])), 0);
  const wholeTruth = shown(labels, (label) => Number(label === number));
  const wholePredicted = shown((await test.mask(id, position))!, (value) => Number(value !== 0));
  const box = bodyOf(painter, slice, [wholeTruth, wholePredicted]);
  const cut = (whole: Uint8Array<ArrayBuffer>) => cropped(whole, painter.view.width, box);
  const truth = cut(wholeTruth), predicted = cut(wholePredicted);
  const combined = (isIn: (isTrue: number, isPredicted: number) => boolean) =>
    outlinePath(truth.map((isTrue, i) => Number(isIn(isTrue, predicted[i]))), box.width);
  const probability = await test.probability(id, position);
  return {
    ...{ role, key, id, name, dice },
    support: await supportOf(test, { number, slice, labels, area, supports }),
    query: painter.picture(slice, { box }),
    truth: outlinePath(truth, box.width),
    predicted: outlinePath(predicted, box.width),
    both: combined((isTrue, isPredicted) => isTrue > 0 && isPredicted > 0),
    extra: combined((isTrue, isPredicted) => isTrue === 0 && isPredicted > 0),
    missed: combined((isTrue, isPredicted) => isTrue > 0 && isPredicted === 0),
    probability: probability && heatPicture({ ...box, data: cut(shown(probability, (percent) => percent)) }),
  };
}

/** The support slice that served a query slice, with the class outlined (docs/reference/preprocessing.md, "Test protocol"). */
async function supportOf(
  test: TestArtifact,
  { number, slice, labels, area, supports }: {
    number: number;
    slice: number;
    labels: VoxelArray;
    area: number;
    supports: SupportCases;
  },
): Promise<PageOverlay["support"]> {
  const { scores: { support: id, protocol } } = test;
  const { painter, data } = await supports.of(test);
  const tested = protocol === "volume"
    ? Array.from({ length: labels.length / area }, (_, z) => z)
    : slicesShowing(labels, number, area);
  const chunk = slicePlan(slicesShowing(data, number, area), tested).find(({ query }) => query.includes(slice));
  if (!chunk) return undefined; // the slice was not tested
  const slab = data.subarray(chunk.support * area, (chunk.support + 1) * area);
  const mask = painter.shown(Uint8Array.from(slab, (label) => Number(label === number)), 0);
  const box = bodyOf(painter, chunk.support, [mask]);
  return {
    id,
    picture: painter.picture(chunk.support, { box }),
    outline: outlinePath(cropped(mask, painter.view.width, box), box.width),
  };
}

function bodyOf(painter: SlicePainter, slice: number, masks: readonly Uint8Array[]): PixelBox {
  return bodyBox({ ...painter.view, data: painter.shown(painter.grey, slice) }, masks, painter.view.pixelAspect);
}

/** Slices in which a label occurs, by the search that arrays have of their own: a volume has millions of voxels. */
function slicesShowing(labels: VoxelArray, number: number, area: number): number[] {
  const slices = Array.from({ length: labels.length / area }, (_, z) => z);
  return slices.filter((z) => labels.subarray(z * area, (z + 1) * area).includes(number));
}
