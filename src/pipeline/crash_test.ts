import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";
import { makeFolder, remove, rename, syncFile, writeFile as writeOnDisk } from "../disk.ts";
import { CrashingDisk, type Failure, filesBelow, fullDisk } from "../testing/crashing_disk.ts";
import { inFolder } from "../testing/temporary_folder.ts";
import { DigestMemory } from "./digest.ts";
import { findGarbage, removeGarbage } from "./garbage.ts";
import { collectNodes, type Node, rawCases } from "./graph.ts";
import { readManifest } from "./manifest.ts";
import { Run } from "./run.ts";
import { defineCaseStage, defineStage } from "./stage.ts";

/** A case by itself, in two files. */
const double = defineCaseStage({
  name: "double",
  version: 1,
  inputs: ["texts"],
  params: z.object({}),
  outputs: { texts: (id) => `${id}.txt` },
  async run({ id, inputs, output }) {
    const text = await readFile(inputs.texts, "utf8");
    await writeOnDisk(join(output, `${id}.txt`), text.repeat(200));
    await makeFolder(join(output, "more"));
    await writeOnDisk(join(output, "more", `${id}.txt`), text);
  },
});

/** Steps of the stage that is resumed. */
const STEPS = 4;

/** Goes on from its last snapshot, as training does: written beside, waited for, then renamed; and a log that is appended to. */
const learn = defineStage({
  name: "learn",
  version: 1,
  resumable: true,
  inputs: { texts: "cases" },
  params: z.object({}),
  outputs: { model: "model.txt" },
  async run({ inputs, output }) {
    const folder = join(output, "snapshots");
    await makeFolder(folder);
    const names = await readdir(folder);
    for (const name of names) if (name.endsWith(".new")) await remove(join(folder, name));
    let step = Math.max(0, ...names.flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? []).map(Number));
    let state = step === 0 ? "" : await readFile(join(folder, `step-${step}`), "utf8");
    await writeOnDisk(join(output, "log.txt"), state.slice(0, step));
    for (; step < STEPS; step++) {
      const text = await readFile(Object.values(inputs.texts)[step % 3], "utf8");
      state += text[0];
      await writeOnDisk(join(output, "log.txt"), text[0], { append: true });
      await syncFile(join(output, "log.txt"));
      const path = join(folder, `step-${step + 1}`);
      await writeOnDisk(`${path}.new`, state);
      await syncFile(`${path}.new`);
      await rename(`${path}.new`, path);
    }
    await writeOnDisk(join(output, "model.txt"), state);
  },
});

/** Ends a graph. */
const report = defineStage({
  name: "report",
  version: 1,
  inputs: { model: "file" },
  params: z.object({}),
  outputs: { page: "page.txt" },
  async run({ inputs, output }) {
    await writeOnDisk(join(output, "page.txt"), `model ${await readFile(inputs.model, "utf8")}`);
  },
});

const RAW = ["a", "b", "c"];

function graph(root: string): Node[] {
  const cases = rawCases(new Map(RAW.map((name) => [name, join(root, name)])));
  return collectNodes(() => report({ model: learn({ texts: double({ texts: cases }, {}).texts }, {}).model }, {}))
    .nodes;
}

/** Runs the graph over the raw files of a folder, into its folder `work`. */
async function run(root: string, options: { force?: boolean; from?: string } = {}): Promise<void> {
  const work = await workOf(root);
  await new Run(graph(root), {
    work,
    digests: new DigestMemory(work),
    reporter: { report: () => {} },
    signal: new AbortController().signal,
    versions: () => ({}),
    workers: 1,
    ...options,
  }).execute();
}

/** The folder of the artifacts. */
async function workOf(root: string): Promise<string> {
  const work = join(root, "work");
  await mkdir(work, { recursive: true });
  return work;
}

async function prepare(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const name of RAW) await writeFile(join(root, name), name);
}

/** Every file of the artifacts with its text; manifests without their times, and nothing that is only remembered. */
async function contents(root: string): Promise<Record<string, string>> {
  const work = join(root, "work"), found: Record<string, string> = {};
  for (const path of await filesBelow(work)) {
    const name = relative(work, path);
    if (/^\.(digests|used)\.json/.test(name)) continue;
    const text = await readFile(path, "utf8");
    found[name] = name.endsWith("manifest.json") ? text.replace(/"(start|end)Time": ".*"/g, "") : text;
  }
  return found;
}

/** Whatever would be taken for an artifact after a crash is that of an undisturbed run. */
async function checkArtifacts(root: string, whole: Record<string, string>): Promise<void> {
  const work = join(root, "work");
  for (const path of await filesBelow(work)) {
    if (!path.endsWith("manifest.json")) continue;
    const dir = join(path, "..");
    if (/\.(partial|old)$/.test(dir)) continue;
    const manifest = await readManifest(dir, true);
    for (const file of manifest?.files ?? []) {
      const name = relative(work, join(dir, file.path));
      assert.equal(await readFile(join(dir, file.path), "utf8"), whole[name], name);
    }
  }
}

/** Removes what was left behind, as `clean` does, but no artifact. */
async function clean(root: string): Promise<void> {
  const now = new Date(Date.now() + 1000);
  for (const one of await findGarbage(join(root, "work"), { days: 0, now })) {
    if (one.kind !== "artifact") assert.ok(await removeGarbage(one), one.path);
  }
}

type Command = { force?: boolean; from?: string };

/** A crash at every operation of a command, then the same command again. */
async function crashEverywhere(
  dir: string,
  before: Command | undefined,
  command: Command,
  failure: Failure,
): Promise<number> {
  const prepared = join(dir, "prepared"), undisturbed = join(dir, "undisturbed");
  await prepare(prepared);
  if (before) await run(prepared, before);
  await cp(prepared, undisturbed, { recursive: true, preserveTimestamps: true });
  let operations: number;
  {
    using counted = new CrashingDisk(await workOf(undisturbed), failure);
    await run(undisturbed, command);
    operations = counted.operations;
  }
  const whole = await contents(undisturbed);
  for (let at = 1; at <= operations; at++) {
    const root = join(dir, `at-${at}`);
    await cp(prepared, root, { recursive: true, preserveTimestamps: true });
    let outcome: unknown;
    {
      using _disk = new CrashingDisk(await workOf(root), failure, at);
      outcome = await run(root, command).then(() => "done", (error) => error);
    }
    const what = `${failure} at operation ${at} of ${operations}`;
    if (failure !== "fail" && before === undefined) assert.notEqual(outcome, undefined, what);
    await checkArtifacts(root, whole);
    await run(root, command).catch((error) => assert.fail(`${what}: ${error.stack}`));
    await clean(root);
    assert.deepEqual(await contents(root), whole, what);
    await remove(root);
  }
  await remove(prepared);
  await remove(undisturbed);
  return operations;
}

for (const failure of ["kill", "torn", "fail", "power"] as const) {
  Deno.test(`Run ends with the bytes of an undisturbed one after ${failure} at every file operation, forced runs too`, () =>
    inFolder(async (dir) => {
      const first = await crashEverywhere(dir, undefined, {}, failure);
      const forced = await crashEverywhere(dir, {}, { force: true, from: "learn" }, failure);
      assert.ok(first > 100 && forced > 50, `${first} and ${forced} operations`);
    }));
}

Deno.test("Run ends with the bytes of an undisturbed one after a full disk, at 50 sizes", () =>
  inFolder(async (dir) => {
    const undisturbed = join(dir, "undisturbed");
    await prepare(undisturbed);
    await run(undisturbed);
    const whole = await contents(undisturbed);
    const bytes = Object.values(whole).reduce((sum, { length }) => sum + length, 0);
    let refused = 0;
    for (let i = 0; i < 50; i++) {
      const root = join(dir, `quota-${i}`);
      await prepare(root);
      {
        using _disk = fullDisk(await workOf(root), Math.floor(1.2 * bytes * i / 50));
        await run(root).catch((error) => {
          assert.equal(error.code, "ENOSPC", error.stack);
          refused++;
        });
      }
      await checkArtifacts(root, whole);
      await run(root);
      await clean(root);
      assert.deepEqual(await contents(root), whole, `quota ${i}`);
    }
    assert.ok(refused > 30, `${refused} refused`);
  }));
