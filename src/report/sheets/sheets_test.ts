import assert from "node:assert/strict";
import { orient } from "../../imaging/orient.ts";
import type { Triple, Volume } from "../../imaging/volume.ts";
import { sliceView } from "../cases/slice_view.ts";
import { contactSheet } from "./contact_sheet.ts";
import { episodeSheet } from "./episode_sheet.ts";

const AFFINE = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** A body with a bright spot to the right and in front, labelled there. */
function scan(size: Triple): { image: Volume; label: Volume } {
  const [nx, ny, nz] = size;
  const grid = { size, spacing: [1, 1, 1] as Triple, affine: AFFINE };
  const label = new Uint8Array(nx * ny * nz), data = new Float32Array(label.length);
  for (let i = 0; i < data.length; i++) {
    const x = i % nx, y = Math.floor(i / nx) % ny;
    data[i] = 10 + (x + y) % 3;
    if (x >= nx / 2 + 2 && x < nx - 2 && y >= ny / 2 + 2 && y < ny - 2) [data[i], label[i]] = [30, 2];
  }
  return { image: { ...grid, data }, label: { ...grid, data: label } };
}

Deno.test("contactSheet() shows slices in order with outlined labels, the patient's right on the left whatever the order of voxels", () => {
  const { image, label } = scan([24, 24, 20]);
  const sheet = contactSheet(image, label.data);
  assert.deepEqual([sheet.width, sheet.height], [4 * 48 + 6, 3 * 48 + 4]);
  const pixel = (
    x: number,
    y: number,
  ) => [...sheet.data.subarray(3 * (y * sheet.width + x), 3 * (y * sheet.width + x) + 3)];
  // the second tile: the label's corner is outlined, its inside grey; it lies at the top left
  assert.deepEqual(pixel(50 + 5, 5), [255, 154, 31]);
  const [red, green, blue] = pixel(50 + 11, 11);
  assert.ok(red === green && green === blue && red > 200);
  for (
    const flips of [[true, false, false], [false, true, false], [true, true, false]] as [boolean, boolean, boolean][]
  ) {
    const turned = orient(image, { axes: [0, 1, 2], flips }), labels = orient(label, { axes: [0, 1, 2], flips });
    assert.deepEqual(contactSheet(turned, labels.data), sheet);
  }
});

Deno.test("contactSheet() of one slice, of none labelled, and of constant voxels", () => {
  const { image } = scan([30, 20, 1]);
  assert.deepEqual([contactSheet(image).width, contactSheet(image).height], [60, 60]);
  const { image: empty } = scan([8, 8, 2]);
  assert.ok(contactSheet({ ...empty, data: new Float32Array(128) }).data.length > 0);
});

Deno.test("episodeSheet() has support, its mask, the query's mask and the prediction side by side", () => {
  const side = 40, area = side * side;
  const inside = (from: number, to: number) =>
    Float32Array.from({ length: area }, (_, i) => {
      const x = i % side, y = Math.floor(i / side);
      return Number(x >= from && x < to && y >= from && y < to);
    });
  const image = Float32Array.from({ length: area }, (_, i) => i % 7);
  const slices = {
    supportImage: image,
    supportMask: inside(10, 30),
    queryImage: image,
    queryMask: inside(12, 28),
    prediction: inside(12, 34).map((p) => 0.9 * p),
  };
  const view = sliceView({
    size: [side, side, 1],
    spacing: [1, 1, 1],
    affine: [-1, ...AFFINE.slice(1, 5), -1, ...AFFINE.slice(6)],
  });
  const { data, width } = episodeSheet(slices, side, view);
  const isGrey = (tile: number, x: number, y: number) => {
    const at = 3 * (2 * y * width + tile * (2 * side + 2) + 2 * x);
    return data[at] === data[at + 1] && data[at + 1] === data[at + 2];
  };
  const grey = [[20, 20], [12, 20], [31, 31], [5, 25]].map(([x, y]) => [0, 1, 2, 3].map((tile) => isGrey(tile, x, y)));
  assert.deepEqual(grey, [
    [true, false, true, false], // inside of all
    [true, false, false, false], // the edge of the query's mask
    [true, true, true, false], // predicted alone
    [true, true, true, true],
  ]);
});
