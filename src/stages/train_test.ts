import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import type { FileHandle } from "../pipeline/mod.ts";
import { openDevice } from "../gpu/mod.ts";
import { growingMemory, longTraining, snapshotOf } from "./train.ts";

Deno.test("longTraining() says how many days and when", () => {
  const message = longTraining(3.25 * 24 * 3600, new Date("2024-02-27T12:00:00Z"));
  assert.match(message, /^training will take 3\.3 days on this adapter and end on 2024-03-01; --preset laptop/);
});

Deno.test("growingMemory() says how fast, and at which step memory ends", async () => {
  await openDevice();
  const mib = 2 ** 20;
  const measured = { from: { step: 30, resident: 400 * mib }, to: { step: 130, resident: 600 * mib } };
  const message = growingMemory({ bytesPerStep: 2 * mib, ...measured }, 10_000 * mib);
  assert.match(
    message,
    /^memory grows by 2\.00 MiB a step \(400 MiB at step 30, 600 MiB at step 130\): the machine's ends at about step 5130\./,
  );
});

Deno.test("snapshotOf() finds the snapshot of a step, and refuses one that is never written", () => {
  const model: FileHandle = { kind: "file", file: "model.safetensors" };
  const training = { steps: 800, snapshotEvery: 50 };
  assert.equal(snapshotOf(model, "last", training).file, "model.safetensors");
  assert.equal(snapshotOf(model, 800, training).file, "model.safetensors");
  assert.equal(snapshotOf(model, 750, training).file, "snapshots/step-750.safetensors");
  for (const step of [30000, 751]) {
    assert.throws(() => snapshotOf(model, step, training), (error) => {
      return error instanceof UserError && error.exitCode === 2 && /expected one of the 800 steps/.test(error.message);
    });
  }
});
