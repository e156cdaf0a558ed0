import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { encodeNifti } from "../../imaging/io/nifti_encode.ts";
import type { Volume } from "../../imaging/volume.ts";
import { readScans } from "./read_scans.ts";
import { expectRoom, roomOfPage } from "./room.ts";
import { firstBytes } from "./unpack.ts";

const GIB = 2 ** 30;

const SCAN: Volume = {
  data: Int16Array.from({ length: 240 * 200 * 10 }, (_, i) => Math.imul(i, 2654435761) >>> 16),
  size: [240, 200, 10],
  spacing: [1, 1, 2],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
};

function packed(bytes: Uint8Array): Blob {
  return new Blob([new Uint8Array(gzipSync(bytes))]);
}

Deno.test("roomOfPage() believes what a browser says of a small machine, and takes the rest for large enough", () => {
  assert.equal(roomOfPage({}).memory, Infinity);
  assert.equal(roomOfPage({ deviceMemory: 8 }).memory, Infinity);
  assert.equal(roomOfPage({ deviceMemory: 2 }).memory, 2 * GIB);
  assert.doesNotThrow(() => expectRoom([512, 512, 200], "scan", roomOfPage({ deviceMemory: 2 })));
  assert.throws(() => expectRoom([512, 512, 300], "scan", roomOfPage({ deviceMemory: 2 })), {
    name: "UserError",
    message: 'Cannot read "scan": expected at most 67 million voxels, for which this page has memory, found ' +
      "512 × 512 × 300, 79 million. Cut the scan to the part that shows the structure, make its voxels coarser, or " +
      "segment it without a browser: ./dfdt segment",
  });
  assert.throws(() => expectRoom([1024, 1024, 1024], "scan", roomOfPage({})), /at most 537 million voxels/);
});

Deno.test("readScans() refuses a scan that there is no room for before it is unpacked, and reads the others", async () => {
  const small = { ...SCAN, data: SCAN.data.slice(0, 2400), size: [240, 10, 1] } as Volume;
  const files = [{ path: "small.nii.gz", content: packed(encodeNifti(small)) }, {
    path: "large.nii.gz",
    content: packed(encodeNifti(SCAN)).slice(0, 100_000), // cut off: nobody has looked so far
  }];
  const room = { array: GIB, memory: 32 * 4000 };
  const { scans, problems } = await readScans(files, () => Promise.reject(), room);
  assert.deepEqual(scans.map(({ name }) => name), ["small"]);
  assert.match(
    problems.join("\n"),
    /^Cannot read "large\.nii\.gz": expected at most 0\.0 million voxels, .* found 240 × 200 × 10, 0\.5 million/,
  );
});

Deno.test("firstBytes() unpacks the begin of a file alone, and takes one that is not packed as it is", async () => {
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * 7 + i / 1000);
  for (const content of [new Blob([bytes]), packed(bytes)]) {
    assert.deepEqual(await firstBytes(content, 500), bytes.slice(0, 500));
  }
  assert.deepEqual(await firstBytes(new Blob([bytes.slice(0, 9)]), 500), bytes.slice(0, 9));
});
