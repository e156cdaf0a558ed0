import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FuzzCampaign } from "../src/fuzz/campaign.ts";
import { FORMATS } from "../src/fuzz/formats.ts";
import { fuzzInput } from "../src/fuzz/worker.ts";

/** Files of which once came what never may: another exception, a hang, a silent wrong result. */
const CORPUS = fileURLToPath(new URL("fixtures/fuzz/", import.meta.url));

/** Another seed than the campaign's that is recorded in docs/reliability.md, "Files that others wrote". */
const SEED = 18;

Deno.test("500 mutated files of every format are read rightly or refused in our words, and so is what once was not", async (t) => {
  using campaign = new FuzzCampaign(6); // other tests share the machine
  for (const format of Object.keys(FORMATS)) {
    await t.step(format, async () => {
      const found = await campaign.run(format, { count: format === "dicom-conversion" ? 50 : 500, seed: SEED });
      assert.deepEqual(found.faults, []);
      assert.ok(found.taken > 0 && found.refused > 0, JSON.stringify(found));
    });
  }
  let files = 0;
  for (const format of (await readdir(CORPUS)).sort()) {
    await t.step(`${format}, what once failed`, async () => {
      for (const name of await readdir(join(CORPUS, format))) {
        const bytes = new Uint8Array(await readFile(join(CORPUS, format, name)));
        const answer = await campaign.read({ format, seed: 0, index: 0, bytes });
        assert.ok("outcome" in answer, `${format}/${name}: ${JSON.stringify(answer)}`);
        files++;
      }
    });
  }
  assert.ok(files > 50, `${files} files`);
});

Deno.test("FuzzCampaign ends what takes too long or too much memory, tells of what nobody catches, and goes on", async () => {
  const read = (campaign: FuzzCampaign, deed: number) =>
    campaign.read({ format: "self-test", seed: 1, index: 0, bytes: Uint8Array.of(deed) });
  using hasty = new FuzzCampaign(), patient = new FuzzCampaign(60);
  assert.match(JSON.stringify(await read(hasty, 0)), /it took more than 1 s/);
  assert.match(JSON.stringify(await read(patient, 1)), /it took \d+ MiB of memory/);
  assert.match(JSON.stringify(await read(patient, 2)), /nobody caught: .*thrown later/);
  assert.match(JSON.stringify(await read(patient, 3)), /a foreign string: just a text/);
  assert.match(JSON.stringify(await read(patient, 4)), /a silent wrong result: a shape/);
  assert.deepEqual(await read(patient, 5), { outcome: "refused" });
});

Deno.test("fuzzInput() makes the same files of the same numbers, and others of others", async () => {
  const input = { format: "nifti", seed: 5, index: 7 };
  assert.deepEqual(await fuzzInput(input), await fuzzInput(input));
  assert.notDeepEqual(await fuzzInput(input), await fuzzInput({ ...input, index: 8 }));
});
