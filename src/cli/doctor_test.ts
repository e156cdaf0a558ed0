import assert from "node:assert/strict";
import { diskFinding, memoryFinding } from "./doctor.ts";

const GIB = 2 ** 30;

Deno.test("memoryFinding() warns below 1.5 GiB and says what to do", () => {
  assert.deepEqual(memoryFinding({ total: 8 * GIB, available: 1.5 * GIB }), {
    state: "ok",
    about: "memory",
    message: "1.5 of 8.0 GiB available",
  });
  assert.deepEqual(memoryFinding({ total: 8 * GIB, available: 1.5 * GIB - 1 }), {
    state: "warning",
    about: "memory",
    message: "1.5 of 8.0 GiB available: expected 1.5 GiB; close other programs",
  });
});

Deno.test("diskFinding() warns below 1 GiB, names the folder and says what to do", () => {
  assert.equal(diskFinding("runs", GIB).state, "ok");
  assert.deepEqual(diskFinding("runs", 0.25 * GIB), {
    state: "warning",
    about: "disk",
    message: '0.3 GiB free for "runs": expected 1 GiB; choose another folder by --work',
  });
});
