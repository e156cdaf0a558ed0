import assert from "node:assert/strict";
import { join } from "node:path";
import { readNifti } from "../../src/imaging/files/nifti_file.ts";
import { ODD_COHORTS, type OddCohort, writePlain } from "../../src/testing/odd_cohorts.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { run, sets } from "../pipeline/command_line.ts";

const SMALL = sets(
  "network.image=65",
  "network.planes=8",
  "network.layers=[1,1,1,1]",
  "network.channels=32",
  "network.parts=10",
);

/** What the stage that normalises has made, by file. */
async function normalized(work: string): Promise<Map<string, Float64Array>> {
  const stage = join(work, "custom/normalize");
  const [{ name: key }] = [...Deno.readDirSync(stage)].filter(({ name }) => /^[0-9a-f]{24}$/.test(name));
  const found = new Map<string, Float64Array>();
  for (const { name } of Deno.readDirSync(join(stage, key))) {
    if (name.endsWith(".nii.gz")) found.set(name, Float64Array.from((await readNifti(join(stage, key, name))).data));
  }
  return found;
}

/** Lets `verify` and `pipeline` look at a cohort and compares what they say. */
async function look({ write, args = [], refused, loses, says = [], silent }: OddCohort, dir: string): Promise<void> {
  await write(join(dir, "data"));
  const options = ["custom", "--data", join(dir, "data"), ...SMALL, ...args];
  const verified = await run("verify", ...options);
  const made = await run(
    "pipeline",
    ...options,
    "--work",
    join(dir, "work"),
    "--until",
    hasTest(verified.stdout) ? "support" : "supervoxels",
  );
  const told = made.stdout + made.stderr;
  assert.deepEqual(
    [verified.code, made.code],
    refused ? [2, 2] : loses ? [2, 1] : [0, 0],
    `${verified.stdout}${verified.stderr}\n---\n${told}`,
  );
  const heard = verified.stdout + verified.stderr;
  for (const text of [heard, told]) {
    for (const message of says) assert.match(text, message);
    if (silent) assert.doesNotMatch(text, silent);
    assert.doesNotMatch(text, /\n +at |ENOENT|undefined|NaN mm/);
  }
  if (refused) {
    const words = made.stderr.trim().split("\n").map((line) => line.trim()).filter((line) =>
      !/^Cannot use the raw data, |^\d+ cases cannot|^What there is can be seen in /.test(line)
    );
    for (const line of words) assert.ok(heard.includes(line), `only pipeline says: ${line}\n${heard}`);
  }
}

function hasTest(verified: string): boolean {
  return !/tests nothing/.test(verified);
}

Deno.test("what verify passes, pipeline takes, and what pipeline refuses, verify refuses in the same words", async (t) => {
  await inFolder(async (plain) => {
    await look({ what: "plain", write: writePlain }, plain);
    const expected = await normalized(join(plain, "work"));
    for (const cohort of ODD_COHORTS) {
      await t.step(cohort.what, () =>
        inFolder(async (dir) => {
          await look(cohort, dir);
          if (!cohort.isPlain) return;
          const found = await normalized(join(dir, "work"));
          assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort());
          for (const [name, values] of found) {
            const reference = expected.get(name)!;
            const largest = values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i])), 0);
            // places are rounded to float32, and so are the results of interpolation
            assert.ok(largest <= (name.startsWith("label") ? 0 : 0.01), `${name}: ${largest}`);
          }
        }));
    }
  });
});
