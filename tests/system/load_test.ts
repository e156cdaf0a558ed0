import assert from "node:assert/strict";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readManifest } from "../../src/pipeline/mod.ts";
import { Random } from "../../src/random.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { contents, run, sets, SMALL } from "../pipeline/command_line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Seconds of the whole test: two minutes unless `DFDT_LOAD_SECONDS` says more. */
const SECONDS = Number(Deno.env.get("DFDT_LOAD_SECONDS") ?? 120);

/** What eight processes do in one work folder: their graphs overlap. */
const COMMANDS: readonly (readonly string[])[] = [
  ["--until", "supervoxels"],
  ["--until", "index"],
  ["--until", "supervoxels", ...sets("supervoxels.minVoxels=60")],
  ["--until", "resample"],
];

const CASES = sets("phantom.cases=5");

/** Kills of a round, and milliseconds between two. */
const KILLS = 12, KILL_MS = [300, 3000] as const;

/** A process of the load, and what it said. */
interface Runner {
  child: Deno.ChildProcess;
  ended: Promise<{ code: number; said: string }>;
}

function startRunner(work: string, args: readonly string[]): Runner {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "tests/system/dying_run.ts",
      "0",
      "pipeline",
      "phantom",
      "--work",
      work,
      ...SMALL,
      ...CASES,
      ...args,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1", DFDT_WORKERS: "1", DFDT_TEST_CLOCK: "1", DFDT_TEST_FINISHED: `${work}.finished` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const text = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { child, ended: child.status.then(async ({ code }) => ({ code, said: (await text).join("") })) };
}

/** Eight processes until all have ended well; some are killed on the way and started again. */
async function round(work: string, random: Random, deadline: number): Promise<number> {
  let kills = 0, left = 8;
  const runners: (Runner | undefined)[] = [];
  const go = async (i: number) => {
    for (;;) {
      const runner = startRunner(work, COMMANDS[i % COMMANDS.length]);
      runners[i] = runner;
      const { code, said } = await runner.ended;
      if (code === 0) break;
      assert.equal(code, 137, said);
    }
    runners[i] = undefined;
    left--;
  };
  const killer = async () => {
    while (left > 0 && kills < KILLS && Date.now() < deadline) {
      const [low, high] = KILL_MS;
      await new Promise((resolve) => setTimeout(resolve, low + random.integer(high - low)));
      const alive = runners.filter((one) => one !== undefined);
      if (alive.length === 0) continue;
      try {
        random.pick(alive).child.kill("SIGKILL");
        kills++;
      } catch {
        continue; // it has just ended
      }
    }
  };
  await Promise.all([...Array(8).keys()].map(go).concat(killer()));
  return kills;
}

/** Folders of artifacts below a work folder. */
async function artifacts(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isDirectory() && /^[0-9a-f]{24}$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

Deno.test(`eight processes with clocks that jump share a work folder for ${SECONDS} s, some killed: nothing torn, nothing twice`, () =>
  inFolder(async (dir) => {
    const whole = join(dir, "whole");
    for (const args of COMMANDS) {
      const { code, stderr } = await run("pipeline", "phantom", "--work", whole, ...SMALL, ...CASES, ...args);
      assert.equal(code, 0, stderr);
    }
    const expected = await contents(whole);
    const random = new Random(18, "load"), deadline = Date.now() + 1000 * SECONDS;
    let rounds = 0, kills = 0, made = 0;
    do {
      const work = join(dir, `work-${rounds++}`);
      kills += await round(work, random, deadline);
      const folders = await artifacts(work);
      for (const folder of folders) assert.ok(await readManifest(folder, true), `${folder} is torn`);
      const finished = (await readFile(`${work}.finished`, "utf8")).trim().split("\n");
      const twice = finished.filter((path, i) => finished.indexOf(path) !== i);
      // a process that is killed between the note and the rename leaves an artifact to be finished again
      assert.ok(twice.length <= kills, `finished twice: ${twice.map((path) => relative(work, path))}`);
      made += finished.length;
      const found = [...await contents(work)].filter(([path]) => !/\.lock$|\.old\/|\.partial\//.test(path));
      assert.deepEqual(new Map(found), expected);
      await rm(work, { recursive: true });
    } while (Date.now() < deadline);
    console.log(`${rounds} rounds of eight processes, ${kills} kills, ${made} artifacts finished`);
  }));

Deno.test("a work folder that is moved is as good as before", () =>
  inFolder(async (dir) => {
    const [before, after] = [join(dir, "before"), join(dir, "after")];
    const args = [...SMALL, ...CASES, "--until", "supervoxels"];
    assert.equal((await run("pipeline", "phantom", "--work", before, ...args)).code, 0);
    await rename(before, after);
    const { stdout, stderr } = await run("pipeline", "phantom", "--work", after, ...args, "--dry-run", "--verify");
    assert.doesNotMatch(stdout, /to make|to do/, stderr);
    assert.match(stdout, /supervoxels +[0-9a-f]{24} +cached/);
  }));
