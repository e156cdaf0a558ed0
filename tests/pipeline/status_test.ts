import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { runWith } from "./command_line.ts";

/** What Slurm's programs say of an array of four: one is done, one too large, one runs, one waits. */
const SLURM = {
  squeue: "printf '%s\\n' '17_2|RUNNING|None|dfdt-a' '17_3|PENDING|Priority|dfdt-a'",
  sacct: "printf '%s\\n' '17_0|COMPLETED|3605|2880|8G|' '17_0.batch|COMPLETED|3605|||3145728K' " +
    "'17_0.extern|COMPLETED|3605|||0' '17_1|OUT_OF_MEMORY|120|2880|8G|' '17_1.batch|OUT_OF_MEMORY|120|||8G' " +
    "'17_2|RUNNING|60|2880|8G|' '17_[3]|PENDING|0|2880|8G|'",
};

/** The notes of each of the jobs. */
const NOTES = ["start n1\nend 0\n", "start n1\n", "start n2\n", ""];

Deno.test("status tells of jobs what Slurm's accounting says, or what they say themselves, and which of the two", () =>
  inFolder(async (dir) => {
    const bin = join(dir, "bin"), slurm = join(dir, "runs/sabs/slurm"), key = "0123456789abcdef01234567";
    await Deno.mkdir(slurm, { recursive: true });
    await Deno.mkdir(bin);
    const tasks = NOTES.map((_, id) => ({ id, node: `${id}`, part: `fold ${id}` }));
    const file = { key, experiment: "sabs", stage: "train", job: "17", time: "", mem: "8G", limit: "2-00", tasks };
    await Deno.writeTextFile(join(slurm, `${key}.json`), JSON.stringify(file));
    for (const [id, notes] of NOTES.entries()) await Deno.writeTextFile(join(slurm, `${key}.${id}.tries`), notes);
    const stages = [{ stage: "train", state: "running", done: 30, total: 100, unit: "steps" }];
    const [startTime, lastTime] = ["2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z"];
    const record = { memory: 2 ** 30, stages, startTime, lastTime };
    for (const id of [0, 2]) await Deno.writeTextFile(join(slurm, `${key}.${id}.json`), JSON.stringify(record));

    const status = async (programs: Record<string, string>, ...args: string[]) => {
      for (const [name, text] of Object.entries(programs)) {
        await Deno.writeTextFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      }
      const { code, stdout, stderr } = await runWith(
        { PATH: `${bin}:${Deno.env.get("PATH")}` },
        "status",
        join(dir, "runs"),
        ...args,
      );
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const shown = await status(SLURM);
    assert.match(shown, /^sabs: train +job 17_0 +done +3\.0 GiB of 8G +60 min of 2\.0 days/m, shown);
    assert.match(
      shown,
      /^sabs: train \(fold 1\) +job 17_1 +lost: OUT_OF_MEMORY +8\.0 GiB of 8G +2 min of 2\.0 days/m,
      shown,
    );
    assert.match(
      shown,
      /^sabs: train \(fold 2\) +job 17_2 on n2 +running +30\/100 steps +1\.0 GiB of 8G +60 s of 2\.0 days/m,
      shown,
    );
    assert.match(shown, /^sabs: train \(fold 3\) +job 17_3 +waits: Priority +– of 8G/m, shown);
    assert.doesNotMatch(shown, /say themselves/);

    const disabled = "echo Slurm accounting storage is disabled >&2; exit 1";
    const without = await status({ sacct: disabled });
    assert.match(without, /^sabs: train +job 17_0 +done +1\.0 GiB of 8G +10 min of 2\.0 days/m, without);
    assert.match(without, /say themselves: Slurm accounting storage is disabled/);
    const rows = (await status({}, "--json")).trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(rows.map(({ state, source, memory }) => [state, source, memory]), [
      ["done", "job", 2 ** 30],
      ["lost", "job", undefined],
      ["running", "job", 2 ** 30],
      ["waits: Priority", "job", undefined],
    ]);
  }));
