import assert from "node:assert/strict";
import type { Volume } from "../../imaging/volume.ts";
import { greyVoxels, greyWindow, scanWindow, shrunk } from "./grey.ts";

const volume = (data: Volume["data"]): Volume => ({
  ...{ data, size: [data.length, 1, 1], spacing: [1, 1, 1] },
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
});

Deno.test("greyWindow() leaves out what surrounds the body and the rarest values", () => {
  const data = Float32Array.from({ length: 3000 }, (_, i) => i < 1000 ? -7 : i - 1000);
  assert.deepEqual(greyWindow(data), { lowest: 10, highest: 1989 });
  assert.deepEqual([...greyVoxels([10, 1989, 5000, 999.5], greyWindow(data))], [0, 255, 255, 128]);
  assert.deepEqual(greyWindow([3, 3]), { lowest: 3, highest: 4 });
});

Deno.test("scanWindow() of a CT is soft tissue, or what surrounds the labels; of anything else that of its values", () => {
  const data = Int16Array.from({ length: 4000 }, (_, i) => i - 1024); // HU from air to metal
  const labels = (from: number, to: number) => Uint8Array.from(data, (hu) => Number(hu >= from && hu < to));
  assert.deepEqual(scanWindow(volume(data), labels(0, 100)), { lowest: -160, highest: 240 });
  assert.deepEqual(scanWindow(volume(data), new Uint8Array(4000)), { lowest: -160, highest: 240 });
  assert.deepEqual(scanWindow(volume(data), labels(-801, -799)), { lowest: -1200, highest: -400 });
  const resampled = Float32Array.from(data, (hu) => hu + 0.5);
  assert.deepEqual(scanWindow(volume(resampled), labels(0, 100)), { lowest: -160, highest: 240 });
  const mr = data.map((value) => value + 1024);
  assert.deepEqual(scanWindow(volume(mr), labels(0, 100)), greyWindow(mr));
});

Deno.test("shrunk() takes the mean of the pixels that it puts together", () => {
  const data = Uint8Array.from([0, 10, 20, 30, 100, 110, 120, 130]);
  assert.deepEqual(shrunk({ width: 4, height: 2, data }, 2), { width: 2, height: 1, data: Uint8Array.from([55, 75]) });
  assert.deepEqual(shrunk({ width: 4, height: 2, data }, 4).data, data);
});
