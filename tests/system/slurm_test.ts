import assert from "node:assert/strict";
import { join } from "node:path";
import { JOB_FOLDER, readJobFiles } from "../../src/pipeline/mod.ts";
import { needs } from "../../src/testing/needs.ts";
import { SlurmCluster } from "../../src/testing/slurm_cluster.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { contents, type Finished, run, runWith, sets, SMALL } from "../pipeline/command_line.ts";

/** Few steps, each of which is soon done. */
const FEW = [...SMALL, ...sets("training.steps=120", "training.snapshotEvery=20")];

/** What a job asks of the one node: as little as it can. */
const SLURM = ["--executor", "slurm", "--slurm-mem", "900", "--slurm-cpus", "1", "--slurm-gpus", "0"];

/** A cluster of one is made of Debian's packages, by root. */
const slurm = needs("slurm-wlm");

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again and again for what is not there yet. */
async function eventually<T>(what: string, ask: () => Promise<T | undefined>, minutes = 5): Promise<T> {
  const end = performance.now() + minutes * 60_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${minutes} minutes for ${what}`);
    await wait(300);
  }
}

/** A job that `status` lists. */
interface Row {
  what: string;
  where: string;
  state: string;
  done?: number;
}

/** A working directory on a cluster, and what a test does with both. */
class Site {
  constructor(readonly cluster: SlurmCluster, readonly work: string, readonly experiment = "phantom") {}

  start(...args: string[]): Promise<Finished> {
    return runWith(this.cluster.env, "pipeline", this.experiment, "--work", this.work, ...FEW, ...SLURM, ...args);
  }

  async status(): Promise<Row[]> {
    const { code, stdout, stderr } = await runWith(this.cluster.env, "status", this.work, "--json");
    if (code === 2) return []; // nothing was made yet
    assert.equal(code, 0, stderr);
    return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /** The jobs `JOB_TASK` of a stage, as soon as so many run and have all come some steps far. */
  running(stage: string, { jobs = 1, steps = 1 }): Promise<string[]> {
    return eventually(`${jobs} running jobs of ${stage}`, async () => {
      const rows = (await this.status()).filter(({ what, state }) => {
        return (what === stage || what.startsWith(`${stage} (`)) && state.startsWith("running");
      });
      const isFar = rows.length === jobs && rows.every(({ done = 0 }) => done >= steps);
      return isFar ? rows.map(({ where }) => /job (\S+)/.exec(where)![1]) : undefined;
    });
  }

  /** Ends the two minutes for which Slurm holds what is put back into the queue, whenever that is; until it is disposed of. */
  releasing(): AsyncDisposable {
    let isOver = false, before: string[] = [];
    const loop = async () => {
      while (!isOver) {
        const queue = await this.cluster.ask("squeue", "-h", "-r", "-t", "PENDING", "-o", "%i %r").catch(() => "");
        const held = queue.split("\n").filter((line) => line.endsWith(" BeginTime"));
        // what was put back only now is not yet cleared away where it ran
        for (const line of held.filter((line) => before.includes(line))) {
          const job = line.split(" ")[0];
          await this.cluster.ask("scontrol", "update", `JobId=${job}`, "StartTime=now").catch(() => {}); // it begins just now
        }
        before = held;
        await wait(3000);
      }
    };
    const ended = loop();
    return {
      [Symbol.asyncDispose]: () => {
        isOver = true;
        return ended;
      },
    };
  }

  /** What a job has noted of its starts and ends, a line each. */
  async notes(job: string): Promise<string[]> {
    const folder = join(this.work, this.experiment, JOB_FOLDER), [id, task] = job.split("_");
    const file = (await readJobFiles(folder)).find((one) => one.job === id);
    assert.ok(file, `job ${id} was submitted again`);
    return (await Deno.readTextFile(join(folder, `${file.key}.${task}.tries`))).trim().split("\n");
  }

  /** The process of a job: whatever runs its command. */
  async processOf(job: string): Promise<number> {
    const [id, task] = job.split("_");
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const text = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
      const command = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      const variables = text.split("\0");
      const isMeant = variables.includes(`SLURM_ARRAY_JOB_ID=${id}`) &&
        variables.includes(`SLURM_ARRAY_TASK_ID=${task}`);
      if (isMeant && command.includes("\0pipeline\0")) return Number(name);
    }
    throw new Error(`no process of job ${job}`);
  }
}

/** The files of both are the same, but for those of the jobs and the times of pages. */
async function expectEqual(work: string, reference: string): Promise<void> {
  const isJob = (path: string) => path.includes("/slurm/");
  const [found, expected] = [await contents(work), await contents(reference)];
  for (const path of found.keys()) if (isJob(path)) found.delete(path);
  assert.ok(expected.size > 100);
  assert.deepEqual([...found], [...expected]);
}

slurm.test(
  "jobs of Slurm leave the bytes of a local run: interrupted, requeued, killed, without controller or node, typed twice",
  () =>
    inFolder(async (dir) => {
      await using cluster = await SlurmCluster.start(join(dir, "cluster"), { slots: 5 });
      const local = join(dir, "local"), site = new Site(cluster, join(dir, "work"));

      const detached = await site.start("--fold", "all", "--detach");
      assert.equal(detached.code, 0, detached.stderr);
      assert.match(detached.stdout, /submitted to Slurm: /);
      const [first, second] = [site.start("--fold", "all"), site.start("--fold", "all")]; // attach, submit nothing

      const trainings = await site.running("train", { jobs: 5 });
      const [interrupted, requeued, killed, ...others] = trainings;
      for (const job of others) Deno.kill(await site.processOf(job), "SIGSTOP"); // they are to run when the node is lost
      await cluster.ask("scancel", "--signal=USR2", "-b", interrupted);
      await cluster.ask("scontrol", "requeue", requeued);
      Deno.kill(await site.processOf(killed), "SIGKILL");
      const hasNoted = (job: string, note: string) =>
        eventually(`"${note}" of job ${job}`, async () => (await site.notes(job)).includes(note) || undefined);
      // a controller that is killed at once forgets what it was told
      for (const [job, note] of [[interrupted, "warned time"], [requeued, "warned signal"]]) await hasNoted(job, note);
      await cluster.kill("slurmctld");
      await wait(30_000);
      await cluster.revive();
      for (const job of [interrupted, requeued]) { // by itself, now that the controller answers; and by us
        await eventually(`job ${job} to be back in the queue`, async () => {
          return (await cluster.ask("squeue", "-h", "-j", job, "-o", "%T")) === "PENDING" || undefined;
        });
      }
      await cluster.kill("slurmd-n1");
      await wait(35_000); // longer than it may be silent: what runs there is put back into the queue
      await cluster.revive();
      await using _releasing = site.releasing();

      for (const { code, stdout, stderr } of await Promise.all([first, second])) {
        assert.equal(code, 0, stderr);
        assert.match(stdout, /in Slurm's queue already/);
        assert.match(stdout, /warning Slurm's controller does not answer/);
        assert.match(stdout, /# phantom, all folds/);
        const [before] = stdout.split("Slurm lost jobs"); // which does happen when a node comes back
        assert.doesNotMatch(before, /submitted to Slurm/, "submitted twice");
      }
      const notes = new Map(await Promise.all(trainings.map(async (job) => [job, await site.notes(job)] as const)));
      const said = JSON.stringify([...notes]);
      assert.ok(notes.get(interrupted)!.some((line) => line.startsWith("timeout")), said);
      assert.ok(notes.get(killed)!.includes("failed 137"), said);
      assert.ok(
        [requeued, ...others].every((job) => notes.get(job)!.filter((line) => line === "start n1").length > 1),
        said,
      );
      const reference = await run("pipeline", "phantom", "--work", local, ...FEW, "--fold", "all");
      assert.equal(reference.code, 0, reference.stderr);
      await expectEqual(site.work, local);
    }),
);

slurm.test("what Slurm refuses is one line, and leaves nothing in the queue", () =>
  inFolder(async (dir) => {
    await using cluster = await SlurmCluster.start(join(dir, "cluster"), { slots: 2 });
    const site = new Site(cluster, join(dir, "work"));
    const account = "Invalid account or account/partition combination specified";
    const stand = join(dir, "bin");
    await Deno.mkdir(stand);
    const program = `#!/bin/sh\necho "sbatch: error: Batch job submission failed: ${account}" >&2\nexit 1\n`;
    await Deno.writeTextFile(join(stand, "sbatch"), program, { mode: 0o755 });
    const refusals: [env: Record<string, string>, args: string[], reason: RegExp][] = [
      [{}, ["--slurm-partition", "nowhere"], /invalid partition/i],
      [{}, ["--slurm-partition", "train=nowhere"], /invalid partition/i],
      [{}, ["--slurm-mem", "900000000"], /memory specification|node configuration/i],
      [{ PATH: `${stand}:${Deno.env.get("PATH")}` }, ["--slurm-account", "nobody"], new RegExp(account)],
    ];
    for (const [env, args, reason] of refusals) {
      const command = ["pipeline", "phantom", "--work", site.work, ...FEW, ...SLURM, ...args];
      const { code, stderr } = await runWith({ ...cluster.env, ...env }, ...command);
      assert.equal(code, 2, stderr);
      const [line, ...more] = stderr.trim().split("\n");
      assert.match(line, /^Cannot submit to Slurm: sbatch says "/);
      assert.match(line, reason);
      assert.deepEqual(more, []);
      // one that had begun is cancelled, too, which takes a moment
      await eventually("an empty queue", async () => await cluster.ask("squeue", "-h") === "" || undefined, 0.5);
    }
  }));

slurm.test("a job that reaches its time limit twice goes on from its snapshots, and ends with the bytes of a local run", () =>
  inFolder(async (dir) => {
    await using cluster = await SlurmCluster.start(join(dir, "cluster"), { slots: 2 });
    const site = new Site(cluster, join(dir, "work"));
    await using _releasing = site.releasing();
    const ending = site.start("--until", "train", "--slurm-time", "train=1");
    const [job] = await site.running("train", {});
    const timeOuts = async () => (await site.notes(job)).filter((line) => line.startsWith("timeout")).length;
    const warnings = async () => (await site.notes(job)).filter((line) => line === "warned time").length;
    Deno.kill(await site.processOf(job), "SIGSTOP"); // no step comes to its end: it is killed, and there is no snapshot
    await eventually("a time-out", async () => await timeOuts() > 0 || undefined);
    await eventually("a second start", async () => (await site.notes(job)).at(-1)!.startsWith("start") || undefined);
    await site.running("train", {});
    const slow = await site.processOf(job);
    Deno.kill(slow, "SIGSTOP"); // the next step takes until the time is nearly up
    await eventually("a warning", async () => await warnings() > 1 || undefined);
    Deno.kill(slow, "SIGCONT");
    const { code, stderr } = await ending;
    assert.equal(code, 0, stderr);
    assert.ok(await timeOuts() >= 2, `${await site.notes(job)}`);
    const local = join(dir, "local");
    const reference = await run("pipeline", "phantom", "--work", local, ...FEW, "--until", "train");
    assert.equal(reference.code, 0, reference.stderr);
    await expectEqual(site.work, local);
  }));

// Two nodes on one machine do not always come to the same end in time: it is run by itself, with DFDT_TEST_LOST_NODE=1.
const lostNode: typeof slurm.test = Deno.env.get("DFDT_TEST_LOST_NODE")
  ? slurm.test
  : (title, run) => Deno.test({ name: `${title} (skipped: DFDT_TEST_LOST_NODE=1 runs it)`, ignore: true, fn: run });

lostNode(
  "a job leaves a node that failed under it, and so does whatever is submitted later; the bytes stay those of a local run",
  () =>
    inFolder(async (dir) => {
      await using cluster = await SlurmCluster.start(join(dir, "cluster"), { slots: 2, nodes: 2 });
      const site = new Site(cluster, join(dir, "work")), local = join(dir, "local");
      const reference = run("pipeline", "phantom", "--work", local, ...FEW, "--until", "train");
      const ending = site.start("--until", "train");
      const [job] = await site.running("train", {});
      await cluster.kill("slurmd-n1");
      await eventually("the node to be given up", async () => {
        return (await cluster.ask("squeue", "-h", "-j", job, "-o", "%T")) === "PENDING" || undefined;
      });
      await cluster.revive(); // it is the first that jobs would go to
      await using _releasing = site.releasing();
      const { code, stderr } = await ending;
      assert.equal(code, 0, stderr);
      const where = (await site.notes(job)).filter((line) => /^(?:start|left) /.test(line));
      assert.deepEqual(where, ["start n1", "left n1", "start n2"]);
      const next = await site.start("--until", "test", "--dry-run");
      assert.match(next.stdout, /^#SBATCH --exclude=n1$/m);
      assert.equal((await reference).code, 0);
      await expectEqual(site.work, local);
    }),
);
