import assert from "node:assert/strict";
import { join } from "node:path";
import { contents, run, sets, SMALL, start } from "./command_line.ts";

interface Progress {
  event: string;
  stage?: string;
  done?: number;
}

/** Starts a run and kills it as soon as an event is seen. */
async function killAt(work: string, seen: (event: Progress) => boolean, ...args: string[]): Promise<void> {
  const child = start(["pipeline", "phantom", "--json", "--work", work, ...SMALL, ...args]);
  let text = "", killed = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop()!;
    if (!killed && lines.some((line) => seen(JSON.parse(line)))) {
      child.kill("SIGKILL");
      killed = true;
    }
  }
  await child.stderr.cancel();
  await child.status;
  assert.ok(killed, "the run ended before it could be killed");
}

Deno.test("a run killed while resampling and while training ends with the bytes of an undisturbed one, a forced one with a profile too", async () => {
  const [whole, broken] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    const first = await run("pipeline", "phantom", "--work", whole, ...SMALL);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /\| \*\*mean\*\* \|/);

    await killAt(broken, ({ event, stage, done }) => event === "progress" && stage === "resample" && done! >= 3);
    // 6 steps are logged in three groups, each with its snapshot
    await killAt(broken, ({ event, stage, done }) => event === "progress" && stage === "train" && done! >= 2);
    const second = await run("pipeline", "phantom", "--work", broken, ...SMALL);
    assert.equal(second.code, 0, second.stderr);
    const expected = await contents(whole), found = await contents(broken);
    const left = [...found.keys()].filter((path) => !expected.has(path));
    assert.deepEqual(left, []);
    assert.deepEqual(found, expected);

    const again = await run(
      "pipeline",
      "phantom",
      "--work",
      whole,
      "--force",
      "--from",
      "train",
      "--profile",
      ...SMALL,
    );
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /train +\w+ +to make: forced/);
    assert.match(again.stdout, /cached +supervoxels/);
    assert.deepEqual(await contents(whole), expected);
    assert.match(
      again.stdout,
      /The most expensive operators:\noperator +dispatches +ms +share\n\w+ +\d+ +[\d.]+ +[\d.]+ %/,
    );
    const { traceEvents, otherData } = JSON.parse(await Deno.readTextFile(join(whole, "phantom", "trace.json")));
    const named = new Set(traceEvents.map(({ name }: { name: string }) => name));
    for (const name of ["train", "test", "matmul", "sgd"]) assert.ok(named.has(name), `no "${name}" in the trace`);
    assert.ok(!named.has("supervoxels"), "a stage that was cached");
    assert.ok(otherData.dispatches > 6 * 500, `${otherData.dispatches} dispatches`);

    // A forced training that was killed is not cleared a second time by the same command. It has steps enough to be killed
    // long before its end, and is another one than above.
    const forced = ["--force", "--from", "train", "--until", "train", ...sets("training.steps=16")];
    const inTraining = ({ event, stage }: Progress) => event === "progress" && stage === "train";
    await killAt(whole, (event) => inTraining(event) && event.done! >= 4, ...forced);
    const resumed = await run("pipeline", "phantom", "--json", "--work", whole, ...SMALL, ...forced);
    assert.equal(resumed.code, 0, resumed.stderr);
    const events: Progress[] = resumed.stdout.trim().split("\n").map((line) => JSON.parse(line));
    const steps = events.filter(inTraining).map(({ done }) => done!);
    assert.ok(Math.min(...steps) > 2 && Math.max(...steps) === 16, `training began anew: ${steps}`);
  } finally {
    for (const dir of [whole, broken]) await Deno.remove(dir, { recursive: true });
  }
});
