import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { JOB_FOLDER, readJobFiles, readNotes } from "../../src/pipeline/mod.ts";
import { SlurmCluster } from "../../src/testing/slurm_cluster.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { contents, type Finished, run, runWith, sets, SMALL } from "../pipeline/command_line.ts";

/** Few steps, each of which is soon done. */
const FEW = [...SMALL, ...sets("training.steps=100", "training.snapshotEvery=20")];

/** What a job asks of the one node: as little as it can. */
const SLURM = ["--executor", "slurm", "--slurm-mem", "900", "--slurm-cpus", "1", "--slurm-gpus", "0"];

/** A cluster of one can be made here: by root, with Debian's packages, which `.ci/run` does not install. */
const mayRun = Deno.build.os === "linux" && Deno.uid() === 0 && existsSync("/usr/sbin/slurmctld") &&
  existsSync("/usr/sbin/munged");
const NEEDS = mayRun ? "" : " (skipped: needs root, slurm-wlm and munge)";
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

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

  /** The job `JOB_TASK` of a stage as soon as it runs and has come some steps far. */
  async running(what: string, { steps = 1 }: { steps?: number } = {}): Promise<string> {
    for (;;) {
      const row = (await this.status()).find((one) => one.what === what && one.state.startsWith("running"));
      if (row && (row.done ?? 0) >= steps) return /job (\S+)/.exec(row.where)![1];
      await wait(300);
    }
  }

  /** The jobs of a stage, when so many run and have all come some steps far. */
  async allRunning(stage: string, count: number): Promise<string[]> {
    for (;;) {
      const rows = (await this.status()).filter(({ what }) => what.startsWith(`${stage} `));
      if (rows.length === count && rows.every(({ state, done = 0 }) => state.startsWith("running") && done > 0)) {
        return rows.map(({ where }) => /job (\S+)/.exec(where)![1]);
      }
      await wait(300);
    }
  }

  /** Ends the two minutes for which Slurm holds what was put back into the queue. */
  async release(job: string): Promise<void> {
    for (;;) {
      const asked = this.cluster.ask("squeue", "-h", "-r", "-j", job, "-t", "all", "-o", "%T");
      const state = await asked.catch(() => ""); // of a job that Slurm has forgotten
      if (state === "PENDING") {
        const update = this.cluster.ask("scontrol", "update", `JobId=${job}`, "StartTime=now");
        if (await update.then(() => true, () => false)) return; // or it begins at this moment
      } else if (state !== "COMPLETING") return;
      await wait(300);
    }
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

Deno.test({
  name:
    "jobs of Slurm leave the bytes of a local run: interrupted, requeued, killed, without controller or node, typed " +
    `twice${NEEDS}`,
  ignore: !mayRun,
  fn: () =>
    inFolder(async (dir) => {
      await using cluster = await SlurmCluster.start(join(dir, "cluster"), { slots: 5, port: 7817 });
      const local = join(dir, "local"), site = new Site(cluster, join(dir, "work"));
      const reference = run("pipeline", "phantom", "--work", local, ...FEW, "--fold", "all");

      const detached = await site.start("--fold", "all", "--detach");
      assert.equal(detached.code, 0, detached.stderr);
      const jobs = /submitted to Slurm: (.*)/.exec(detached.stdout)![1].split(", ");
      const [first, second] = [site.start("--fold", "all"), site.start("--fold", "all")]; // attach, submit nothing

      const [interrupted, requeued, killed, ...others] = await site.allRunning("train", 5);
      await cluster.ask("scancel", "--signal=USR2", "-b", interrupted);
      await cluster.ask("scontrol", "requeue", requeued);
      Deno.kill(await site.processOf(killed), "SIGKILL");
      await cluster.kill("slurmctld");
      await wait(30_000);
      await cluster.revive();
      for (const job of [interrupted, requeued]) await site.release(job);
      await cluster.kill("slurmd");
      await wait(35_000); // longer than it may be silent: what runs there is put back into the queue
      await cluster.revive();
      for (const job of [interrupted, requeued, killed, ...others]) await site.release(job);

      for (const { code, stdout, stderr } of await Promise.all([first, second])) {
        assert.equal(code, 0, stderr);
        assert.match(stdout, /in Slurm's queue already/);
        assert.match(stdout, /# phantom, all folds/);
      }
      const folder = join(site.work, "phantom", JOB_FOLDER);
      const submitted = (await readJobFiles(folder)).map(({ job }) => job);
      assert.deepEqual(submitted.toSorted(), jobs.toSorted(), "submitted twice");
      const starts = await Promise.all([interrupted, requeued].map(async (job) => {
        const file = (await readJobFiles(folder)).find((one) => one.job === job.split("_")[0])!;
        return (await readNotes(folder, file.key, Number(job.split("_")[1]))).starts;
      }));
      assert.ok(starts.every((count) => count > 1), `${starts}`);
      const { code, stderr } = await reference;
      assert.equal(code, 0, stderr);
      await expectEqual(site.work, local);
    }),
});

Deno.test({
  name:
    "a job that reaches its time limit goes on from its snapshot, and ends where it comes to none; refusals are one " +
    `line${NEEDS}`,
  ignore: !mayRun,
  fn: () =>
    inFolder(async (dir) => {
      await using cluster = await SlurmCluster.start(join(dir, "cluster"), { slots: 2, port: 7819 });
      const site = new Site(cluster, join(dir, "work"));
      for (
        const [option, reason] of [["--slurm-partition", /[Ii]nvalid partition/], [
          "--slurm-qos",
          /[Ii]nvalid/,
        ]] as const
      ) {
        const { code, stderr } = await site.start(option, "nowhere");
        if (option === "--slurm-qos" && code === 0) continue; // without accounting Slurm knows no quality of service
        assert.equal(code, 2, stderr);
        assert.match(stderr, reason);
        assert.equal(stderr.trim().split("\n").length, 1, stderr);
      }
      const stand = join(dir, "bin");
      await Deno.mkdir(stand);
      const says =
        "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified";
      await Deno.writeTextFile(join(stand, "sbatch"), `#!/bin/sh\necho "${says}" >&2\nexit 1\n`, { mode: 0o755 });
      const env = { ...cluster.env, PATH: `${stand}:${Deno.env.get("PATH")}` };
      const refused = await runWith(env, "pipeline", "phantom", "--work", site.work, ...FEW, ...SLURM);
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(
        refused.stderr,
        /^Cannot submit to Slurm: sbatch says "Invalid account or account\/partition combination/,
      );

      const ending = site.start("--until", "train", "--slurm-time", "train=1");
      const job = await site.running("train", { steps: 1 });
      for (let stops = 0; stops < 2; stops++) { // so slow that no step comes to its end
        await site.running("train", { steps: 0 });
        Deno.kill(await site.processOf(job), "SIGSTOP");
        while (
          (await site.status()).some(({ what, state }) => what === "train" && state.startsWith("running"))
        ) await wait(1000);
        await site.release(job);
      }
      const { code, stderr } = await ending;
      assert.equal(code, 0, stderr);
      const tries = await Array.fromAsync(Deno.readDir(join(site.work, "phantom/slurm")));
      const notes = await Promise.all(
        tries.filter(({ name }) => name.endsWith(".tries")).map(({ name }) =>
          Deno.readTextFile(join(site.work, "phantom/slurm", name))
        ),
      );
      assert.equal(notes.join("").match(/^timeout/gm)?.length, 2, notes.join("\n"));
      const local = join(dir, "local");
      const reference = await run("pipeline", "phantom", "--work", local, ...FEW, "--until", "train");
      assert.equal(reference.code, 0, reference.stderr);
      await expectEqual(site.work, local);
    }),
});
