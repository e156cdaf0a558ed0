import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contents, run, sets, SMALL } from "./command_line.ts";

const DFDT = fileURLToPath(new URL("../../dfdt", import.meta.url));

/** Steps enough that an interrupt comes long before the end; no snapshot is due before it. */
const LONG = ["--until", "train", ...SMALL, ...sets("training.steps=3000", "training.snapshotEvery=3000")];

/** A shell's command that trains through `./dfdt`, as a person types it. */
function typed(work: string): string {
  return [DFDT, "pipeline", "phantom", "--work", work, ...LONG].map((word) => `'${word}'`).join(" ");
}

/** Waits until the log of the training below `work` has some lines. */
async function untilTraining(work: string): Promise<void> {
  const train = join(work, "phantom/train");
  for (let i = 0; i < 3000; i++) { // five minutes, for a machine with much else to do
    const [partial] = existsSync(train) ? [...Deno.readDirSync(train)].filter(({ name }) => /partial$/.test(name)) : [];
    const log = partial && join(train, partial.name, "metrics.jsonl");
    if (log && await Deno.readTextFile(log).then((text) => text.split("\n").length > 3, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("the training did not begin");
}

/** Checks that every step of an interrupted training is kept, and removes it. */
async function assertKept(work: string, said: string): Promise<void> {
  const step = Number(/Interrupted in stage "train": kept up to step (\d+) of 3000/.exec(said)?.[1]);
  assert.ok(step > 0, said);
  const [{ name }] = [...Deno.readDirSync(join(work, "phantom/train"))].filter(({ name }) => /partial$/.test(name));
  const partial = join(work, "phantom/train", name);
  const lines = (await Deno.readTextFile(join(partial, "metrics.jsonl"))).trim().split("\n");
  assert.equal(JSON.parse(lines.at(-1)!).step, step);
  assert.deepEqual([...Deno.readDirSync(join(partial, "snapshots"))].map(({ name }) => name), [
    `step-${step}.safetensors`,
  ]);
  const { stdout } = await run("pipeline", "phantom", "--work", work, ...LONG, "--dry-run");
  assert.match(stdout, new RegExp(`train +[0-9a-f]{24} +to make: resumes at step ${step};`));
  await Deno.remove(partial, { recursive: true });
}

/** Interrupts a training that was started through `./dfdt` in one way or another, and looks at what is kept. */
async function interrupted(
  work: string,
  command: (work: string) => string[],
  interrupt: (child: Deno.ChildProcess) => Promise<void> | void,
): Promise<void> {
  const [program, ...args] = command(work);
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { TERM: "xterm" },
  }).spawn();
  const said = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await untilTraining(work);
  await interrupt(child);
  const { code } = await child.status;
  await child.stdin.close().catch(() => {});
  const text = (await said).join("");
  assert.equal(code, 130, text);
  await assertKept(work, text);
}

Deno.test({
  name: "an interrupt through ./dfdt keeps every step: from a terminal, to the process group, by timeout, and SIGTERM",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const work = await Deno.makeTempDir();
    try {
      // the terminal sends it to the whole group, and deno task hands it on: one Ctrl-C arrives twice
      await interrupted(work, (dir) => ["script", "-qec", typed(dir), "/dev/null"], async ({ stdin }) => {
        const writer = stdin.getWriter();
        await writer.write(new TextEncoder().encode("\x03"));
        writer.releaseLock();
      });
      const group = (dir: string) => ["setsid", "--wait", "sh", "-c", `echo $$ >'${dir}/pid'; exec ${typed(dir)}`];
      const toGroup = (signal: string, sign: string) => async () => {
        const pid = (await Deno.readTextFile(join(work, "pid"))).trim();
        await new Deno.Command("kill", { args: [`-${signal}`, "--", `${sign}${pid}`] }).output();
      };
      await interrupted(work, group, toGroup("INT", "-"));
      await interrupted(work, group, toGroup("TERM", ""));
      const timeout = (dir: string) => ["timeout", "--preserve-status", "-s", "INT", "600", "sh", "-c", typed(dir)];
      await interrupted(work, timeout, (child) => child.kill("SIGALRM")); // its time is up
    } finally {
      await Deno.remove(work, { recursive: true });
    }
  },
});

Deno.test("an interrupted run ends with the bytes of an undisturbed one, and its last event says how it ended", async () => {
  const [whole, broken] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const args = ["--until", "train", ...SMALL, ...sets("training.steps=12", "training.snapshotEvery=12")];
  try {
    assert.equal((await run("pipeline", "phantom", "--work", whole, ...args)).code, 0);
    const child = new Deno.Command(DFDT, {
      args: ["pipeline", "phantom", "--json", "--work", broken, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let text = "", sent = false;
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (sent || !/"event":"progress","stage":"train"/.test(text)) continue;
      child.kill("SIGINT");
      sent = true;
    }
    const stderr = await new Response(child.stderr).text();
    assert.equal((await child.status).code, 130, stderr);
    const last = JSON.parse(text.trim().split("\n").at(-1)!);
    assert.deepEqual([last.event, last.stage, last.exitCode], ["error", "train", 130]);
    const resumed = await run("pipeline", "phantom", "--work", broken, ...args);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stdout, /train: goes on from step \d+/);
    assert.deepEqual(await contents(broken), await contents(whole));
  } finally {
    for (const dir of [whole, broken]) await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a second interrupt more than a second after the first ends a run at once", async () => {
  const work = await Deno.makeTempDir();
  try {
    // a step of this network takes many seconds
    const large = ["network.image=129", "network.planes=32", "network.channels=256", "resample.target=128"];
    const args = ["pipeline", "phantom", "--json", "--work", work, ...SMALL, ...sets(...large)];
    const child = new Deno.Command(DFDT, { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
    const stderr = new Response(child.stderr).text();
    let text = "", sent = false;
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (sent || !/"event":"progress","stage":"train"/.test(text)) continue;
      sent = true;
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGINT"), 1200);
    }
    assert.equal((await child.status).code, 130);
    // the step was not waited for
    assert.equal(await stderr, "Interrupted: finishing the current case or step (once more to stop at once)\n");
  } finally {
    await Deno.remove(work, { recursive: true });
  }
});
