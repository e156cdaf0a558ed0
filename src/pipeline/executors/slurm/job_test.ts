import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../../../testing/temporary_folder.ts";
import { scriptOf } from "./script.ts";

/** What stands in for Slurm's programs: each call is a line of `calls`; what is put back into the queue is told to end. */
const PROGRAMS = {
  scontrol: `echo "$@" >>"$calls"
case $1 in
requeue) (sleep 0.1; kill -TERM $PPID $(cat /proc/$PPID/task/$PPID/children)) 2>/dev/null & ;;
update) [ $(grep -c ^update "$calls") -gt 2 ] ;; # it is not back in the queue yet
esac`,
  squeue: 'echo "$state"',
  sinfo: 'printf "%s\\n" $nodes',
};

/** A job of one task, which is started as often as Slurm would. */
class Job implements AsyncDisposable {
  #child: Deno.ChildProcess | undefined;

  private constructor(readonly dir: string, readonly script: string) {}

  static async of(dir: string, command: string, { time = undefined as string | undefined } = {}): Promise<Job> {
    await Deno.mkdir(join(dir, "bin"));
    for (const [name, text] of Object.entries(PROGRAMS)) {
      await Deno.writeTextFile(join(dir, "bin", name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    }
    const array = { key: "k", experiment: "e", stage: "s", tasks: [{ id: 3 }], after: [] } as never;
    const resources = { time, exclude: "n9" };
    const script = scriptOf(array, { resources, commands: [["bash", "-c", command]], folder: dir, cwd: dir });
    return new Job(dir, script);
  }

  /** Starts it; `state` is what the queue then says. */
  start({ node = "n1", nodes = "n1", state = "RUNNING" } = {}): void {
    this.#child = new Deno.Command("bash", {
      args: ["-c", this.script],
      cwd: this.dir,
      env: {
        PATH: `${join(this.dir, "bin")}:${Deno.env.get("PATH")}`,
        ...{ SLURM_ARRAY_JOB_ID: "7", SLURM_ARRAY_TASK_ID: "3", SLURMD_NODENAME: node, SLURM_JOB_PARTITION: "main" },
        ...{ calls: join(this.dir, "calls"), nodes, state },
      },
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Its exit code, and the notes that it added. */
  async end(): Promise<[number, string]> {
    const { code } = await this.#child!.status;
    this.#child = undefined;
    const notes = (await this.read("k.3.tries")).trim().split("\n");
    const last = notes.findLastIndex((line) => /^(?:start|left)/.test(line));
    return [code, notes.slice(last).join(", ")];
  }

  /** Sends it a signal as soon as its command has written a file `runs`. */
  async signal(name: Deno.Signal): Promise<void> {
    while (await this.read("runs") === "") await new Promise((resolve) => setTimeout(resolve, 10));
    await Deno.remove(join(this.dir, "runs"));
    this.#child!.kill(name);
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(join(this.dir, name)).catch(() => "");
  }

  [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // it has ended
    }
    return Promise.resolve();
  }
}

Deno.test("job.sh ends with 0, 2 and 3, tries a failure and a killed process once more, and goes on after an interrupt", async () => {
  const next = "code=$(head -n 1 codes); sed -i 1d codes; [ $code != 137 ] || kill -9 $$; exit $code";
  for (
    const [codes, expected] of [
      ["0", [0, "start n1, end 0"]],
      ["2", [2, "start n1, end 2"]],
      ["3", [3, "start n1, end 3"]],
      ["1 0", [0, "start n1, failed 1, end 0"]],
      ["1 1 0", [1, "start n1, failed 1, failed 1, end 1"]],
      ["137 0", [0, "start n1, failed 137, end 0"]],
      ["137 1 0", [1, "start n1, failed 137, failed 1, end 1"]],
      ["130 130 0", [0, "start n1, end 0"]],
    ] as const
  ) {
    await inFolder(async (dir) => {
      await Deno.writeTextFile(join(dir, "codes"), codes.replaceAll(" ", "\n") + "\n");
      await using job = await Job.of(dir, next);
      job.start();
      assert.deepEqual(await job.end(), expected, codes);
      assert.equal(await job.read("calls"), "");
    });
  }
});

/** Says that it runs, and what it has kept (a file `record`); waits, and stops when it is told to. */
const POLITE = `trap 'exit 130' TERM; cat record >"$DFDT_RECORD" 2>/dev/null; echo >runs; while :; do sleep 0.02; done`;

Deno.test("job.sh puts a warned job back into the queue, but not after three time-outs without a new snapshot between them", () =>
  inFolder(async (dir) => {
    await using job = await Job.of(dir, POLITE);
    const from = (step: number) => ({ memory: 1, kept: `goes on from step ${step}` });
    const to = (step: number) => ({
      ...from(1),
      message: `Interrupted in stage "train": kept up to step ${step} of 90; the same command goes on from there`,
    });
    const begun = { memory: 1 }; // and killed
    const runs: [record: unknown, kept: string][] = [
      [begun, ""],
      [begun, ""],
      [to(20), "step 20"], // the third one has come to a snapshot
      [from(20), "step 20"],
      [to(40), "step 40"],
      [from(40), "step 40"],
    ];
    const timeOut = async (record: unknown) => {
      await Deno.writeTextFile(join(dir, "record"), JSON.stringify(record, undefined, 1) + "\n");
      job.start();
      await job.signal("SIGUSR2");
      return await job.end();
    };
    for (const [record, kept] of runs) {
      assert.deepEqual(await timeOut(record), [130, `start n1, warned time, timeout ${kept}, warned signal`]);
    }
    assert.deepEqual(await timeOut(from(40)), [1, "start n1, warned time, timeout step 40, end 1"]);
    assert.equal(await job.read("calls"), "requeue 7_3\n".repeat(runs.length));
  }));

Deno.test("job.sh puts a job back that is preempted, and not one that somebody cancelled or put back", () =>
  inFolder(async (dir) => {
    await using job = await Job.of(dir, POLITE);
    for (let times = 1; times <= 4; times++) {
      job.start();
      await job.signal("SIGTERM");
      assert.deepEqual(await job.end(), [130, "start n1, warned signal, warned signal"]);
      assert.equal(await job.read("calls"), "requeue 7_3\n".repeat(times));
    }
    job.start({ state: "COMPLETING" });
    await job.signal("SIGTERM");
    assert.deepEqual(await job.end(), [130, "start n1, warned signal"]);
    assert.equal(await job.read("calls"), "requeue 7_3\n".repeat(4));
  }));

Deno.test("job.sh ends a process that does not stop before its time is up", () =>
  inFolder(async (dir) => {
    await using job = await Job.of(dir, "trap '' TERM; echo >runs; sleep 60 & wait; wait", { time: "0:06" });
    job.start();
    await job.signal("SIGUSR2");
    assert.deepEqual(await job.end(), [130, "start n1, warned time, timeout , warned signal"]);
  }));

Deno.test("job.sh leaves a node that failed under a job, once, where there is another one", () =>
  inFolder(async (dir) => {
    await using job = await Job.of(dir, 'echo >>runs; [ -e done ] || kill -9 "$PPID"');
    job.start(); // the node fails: no end is noted
    await job.end();
    await Deno.writeTextFile(join(dir, "done"), "");
    const left = "requeue 7_3\n" + "update JobId=7_3 ExcNodeList=n1,n9\n".repeat(3);
    job.start({ nodes: "n1 n2" });
    assert.deepEqual(await job.end(), [130, "left n1"]);
    assert.deepEqual([await job.read("failed-nodes"), await job.read("calls")], ["n1\n", left]);
    job.start({ nodes: "n1 n2" }); // it is put there again
    assert.deepEqual(await job.end(), [0, "start n1, end 0"]);
    job.start({ nodes: "n1" }); // there is no other one
    assert.deepEqual(await job.end(), [0, "start n1, end 0"]);
    job.start({ node: "n2", nodes: "n1 n2" });
    assert.deepEqual(await job.end(), [0, "start n2, end 0"]);
    assert.equal(await job.read("calls"), left);
  }));
