import assert from "node:assert/strict";
import {
  answered,
  DeviceError,
  deviceLost,
  noteOperator,
  outOfMemory,
  tell,
  tellDeviceFaults,
} from "./device_faults.ts";

Deno.test("answered() gives up an adapter that does not answer, and names what it was given to compute last", async () => {
  noteOperator("matmul");
  tellDeviceFaults(undefined, { patience: 0.001 });
  try {
    await assert.rejects(answered("GPU X", new Promise(() => {})), (error) => {
      assert.ok(error instanceof DeviceError);
      assert.match(
        error.message,
        /^"GPU X" has not answered for 0\.001 minutes; "matmul" was the last .* its driver hangs\./,
      );
      assert.match(error.message, /the same command goes on from there/);
      return true;
    });
    assert.equal(await answered("GPU X", Promise.resolve(5)), 5);
    await assert.rejects(answered("GPU X", Promise.reject(new Error("its own"))), /its own/);
  } finally {
    tellDeviceFaults(undefined);
  }
});

Deno.test("deviceLost() and outOfMemory() say what was computed and the way out, and are told to whoever listens", () => {
  noteOperator("convolution");
  const lost = deviceLost("GPU X", "");
  assert.match(lost.message, /^"GPU X" was lost while it computed "convolution" \(no reason was given\): .* --adapter/);
  assert.match(
    outOfMemory("GPU X", "Not enough").message,
    /ran out of memory .* \(Not enough\)\. .*training\.checkpoint=true/,
  );
  const heard: DeviceError[] = [];
  assert.equal(tell(lost), false);
  tellDeviceFaults((fault) => heard.push(fault));
  try {
    assert.equal(tell(lost), true);
    assert.deepEqual(heard, [lost]);
  } finally {
    tellDeviceFaults(undefined);
  }
});
