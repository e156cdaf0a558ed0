import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { forceKernelSet, openDevice } from "../gpu/mod.ts";
import { wrongNumbers } from "../nn/adapter_check.ts";
import { inFolder } from "../testing/temporary_folder.ts";
import { checkAdapter } from "./adapter_check.ts";

Deno.test("wrongNumbers() finds nothing wrong with this adapter, and one wrong number in any of its results", async () => {
  await openDevice();
  for (const set of ["gpu", "llvmpipe"] as const) {
    forceKernelSet(set);
    try {
      assert.equal(await wrongNumbers(), undefined);
    } finally {
      forceKernelSet(undefined);
    }
  }
  const found = new Set<string>();
  for (let probe = 0; probe < 4; probe++) {
    let at = 0;
    const words = await wrongNumbers((result) => {
      if (at++ === probe) result[result.length - 1] += 0.05 * Math.max(...result.map(Math.abs));
    });
    found.add(/^a (.*) that should give -?[\d.e-]+ gives -?[\d.e-]+$/.exec(words ?? "")![1]);
  }
  assert.deepEqual([...found], ["convolution", "matrix product", "attention", "sum over rows"]);
  assert.match((await wrongNumbers((result) => void result.fill(NaN)))!, /gives NaN/);
});

Deno.test("checkAdapter() checks an adapter once a driver, and refuses one that computes wrong numbers, again each time", () =>
  inFolder(async (directory) => {
    const { adapterName } = await openDevice();
    let checks = 0;
    const good = () => Promise.resolve(void checks++), bad = () => Promise.resolve("a sum that should give 1 gives 2");
    const options = { directory: join(directory, "cache"), driver: "driver 1" };
    for (let i = 0; i < 2; i++) {
      await assert.rejects(checkAdapter({ ...options, check: bad }), (error) => {
        assert.ok(error instanceof UserError && error.exitCode === 3);
        assert.match(error.message, /^Cannot compute on ".*": a sum that should give 1 gives 2\. .* --adapter/);
        assert.ok(error.message.includes(adapterName));
        return true;
      });
    }
    for (let i = 0; i < 2; i++) await checkAdapter({ ...options, check: good });
    assert.equal(checks, 1);
    await checkAdapter({ ...options, driver: "driver 2", check: good });
    assert.equal(checks, 2);
    await Deno.writeTextFile(join(directory, "cache/adapters.json"), "null");
    await checkAdapter({ ...options, check: good });
    assert.equal(checks, 3);
  }));
