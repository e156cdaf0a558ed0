import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { unpackedBytes } from "./unpack.ts";

const gzipped = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

Deno.test("unpackedBytes() unpacks gzip of one member and of several, leaves what is none, and refuses what is cut off", async () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * i);
  const parts = [bytes.subarray(0, 1), bytes.subarray(1, 3000), bytes.subarray(3000)].map(gzipped);
  const whole = gzipped(bytes);
  assert.deepEqual(await unpackedBytes(new Blob([bytes]), "x"), bytes);
  assert.deepEqual(await unpackedBytes(new Blob([whole]), "x"), bytes);
  assert.deepEqual(await unpackedBytes(new Blob(parts), "x"), bytes);
  await assert.rejects(unpackedBytes(new Blob([whole.subarray(0, -20)]), "x.nii.gz"), {
    message: 'Cannot read "x.nii.gz": expected a whole gzip file, found a cut-off or damaged one',
  });
});
