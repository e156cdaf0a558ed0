import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { lockArtifact } from "../../src/pipeline/store.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { contents, run, runWith, sets, SMALL } from "./command_line.ts";

const FEW_STEPS = [...SMALL, ...sets("training.steps=2", "training.snapshotEvery=2")];

Deno.test("a sweep makes equal stages once, trains side by side, and leaves the bytes of its single commands; a branch that fails ends no other", () =>
  inFolder(async (dir) => {
    const work = join(dir, "sweep"), sweep = [...FEW_STEPS, "--fold", "0,1", "--seed", "1,2"];
    const all = await runWith({ DFDT_PROCESSES: "2" }, "pipeline", "phantom", "--json", "--work", work, ...sweep);
    assert.equal(all.code, 0, all.stderr);
    const events: Record<string, string>[] = all.stdout.trim().split("\n").map((line) => JSON.parse(line));
    const made = events.filter(({ event, stage }) => event === "done" && stage).map(({ stage, part }) => [stage, part]);
    const runs = ["seed 1, fold 0", "seed 1, fold 1", "seed 2, fold 0", "seed 2, fold 1"];
    for (const [stage, ...parts] of [["supervoxels", undefined], ["support", "fold 0", "fold 1"], ["train", ...runs]]) {
      assert.deepEqual(made.filter(([name]) => name === stage).map(([, part]) => part).sort(), parts, stage);
    }
    const times = events.map(({ event, stage }) => stage === "train" && event);
    assert.ok(times.indexOf("start", times.indexOf("start") + 1) < times.indexOf("done"), "one after the other");

    const where = async (stage: string, ...args: string[]) =>
      (await run("pipeline", "phantom", "--work", work, ...FEW_STEPS, ...args, "--where", stage)).stdout.trim().split(
        "\n",
      );
    const [folder] = await where("study", "--fold", "0,1", "--seed", "1,2");
    const { groups: [group] } = JSON.parse(await Deno.readTextFile(join(folder, "study.json")));
    const tests = await where("test", "--fold", "0,1", "--seed", "1,2");
    const dice = await Promise.all(tests.map(async (one) => {
      return JSON.parse(await Deno.readTextFile(join(one, "scores.json"))).dice;
    }));
    assert.deepEqual(group.dice.folds, dice);
    assert.deepEqual(group.runs.map(({ seed, fold }: Record<string, number>) => `seed ${seed}, fold ${fold}`), runs);

    const single = [...FEW_STEPS, "--fold", "1", "--seed", "2"];
    const one = await run("pipeline", "phantom", "--work", join(dir, "single"), ...single);
    assert.equal(one.code, 0, one.stderr);
    const [expected, found] = [await contents(join(dir, "single")), await contents(work)];
    assert.ok(expected.size > 50);
    const pages = /\/(?:report|summary)\//; // of one fold
    for (const [path, bytes] of expected) if (!pages.test(path)) assert.equal(found.get(path), bytes, path);
    const plan = await run(
      "pipeline",
      "phantom",
      "--work",
      work,
      ...FEW_STEPS,
      "--fold",
      "0,1",
      "--seed",
      "2",
      "--dry-run",
    );
    assert.ok(!/to make|to do/.test(plan.stdout), plan.stdout);

    const [broken, other] = await where("train", "--fold", "0,1", "--seed", "2");
    for (const path of [broken, other]) await Deno.remove(path, { recursive: true });
    await using _lock = await lockArtifact(broken, () => {});
    const failed = await run("pipeline", "phantom", "--no-wait", "--work", work, ...sweep);
    assert.equal(failed.code, 1, failed.stderr);
    assert.match(failed.stdout, /failed +train \(seed 2, fold 0\): .* is being made by process \d+; not waiting/);
    assert.deepEqual([existsSync(broken), existsSync(other)], [false, true]);
    assert.match(failed.stdout, /cached +test \(seed 2, fold 1\)/);
    assert.doesNotMatch(failed.stdout, /(?:done|cached) +(?:summary \(seed 2\)|study)/);
  }));

/** Seconds of processor time that a plan of many runs may take; a machine at rest needs as long by the clock. */
const PLAN_SECONDS = 2;

/** What a command says, and the seconds of processor time that it takes. */
async function timed(args: readonly string[]): Promise<[text: string, seconds: number]> {
  const command = [Deno.execPath(), "run", "-A", "src/cli/main.ts", ...args];
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", 'TIMEFORMAT="%U %S"; time "$@"', "bash", ...command],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, text);
  const [user, system] = new TextDecoder().decode(stderr).trim().split("\n").at(-1)!.split(" ").map(Number);
  return [text, user + system];
}

Deno.test("a plan of 3 data sets, 2 settings, 2 protocols, 5 folds and 3 seeds takes less than two seconds and has each shared stage once, for Slurm as well", () =>
  inFolder(async (dir) => {
    for (const [layout, cases] of [["sabs", 30], ["chaost2", 20], ["cmr", 35]] as const) {
      const size = ["--cases", String(cases), "--size", "64", "--slices", "4"];
      const { code, stderr } = await run("phantom", "--layout", layout, "--out", join(dir, layout), ...size);
      assert.equal(code, 0, stderr);
    }
    const sweep = ["--setting", "1,2", "--protocol", "published,volume", "--fold", "all", "--seed", "1,2,3"];
    const args = [
      "pipeline",
      "sabs",
      "chaost2",
      "cmr",
      "--data",
      dir,
      "--work",
      join(dir, "runs"),
      ...sweep,
      "--dry-run",
    ];
    const [text, seconds] = await timed(args);
    const count = (stage: string) => text.match(new RegExp(`^  ${stage} `, "gm"))?.length ?? 0;
    // published, no slice is left out of CMR under either setting: its 15 trainings are those of Setting 1
    assert.deepEqual([count("train"), count("test"), count("study")], [180 - 15, 180, 1]);
    assert.deepEqual([count("dicom"), count("labels"), count("window"), count("resample")], [1, 1, 1, 1]);
    assert.deepEqual([count("normalize"), count("supervoxels"), count("index")], [2, 3, 3]);
    assert.deepEqual([count("summary"), count("report")], [36, 36]);
    assert.ok(seconds < PLAN_SECONDS, `${seconds} s`);

    const [scripts, slurmSeconds] = await timed([...args, "--executor", "slurm"]);
    const jobs = (stage: string) =>
      scripts.match(new RegExp(`^\\d+\\) command=.*--until ${stage}\\b`, "gm"))?.length ?? 0;
    assert.deepEqual([jobs("train"), jobs("test"), jobs("study")], [180 - 15, 180, 1]);
    const byCase = Math.ceil(30 / 4) + Math.ceil(20 / 4) + Math.ceil(35 / 4); // four cases a job
    assert.deepEqual([jobs("supervoxels"), jobs("index")], [byCase, 3]);
    assert.ok(slurmSeconds < PLAN_SECONDS, `${slurmSeconds} s`);
  }));
