import assert from "node:assert/strict";
import { run, SMALL, start } from "./command_line.ts";

/** The folder of the only unfinished training, its log, and the names of its snapshots. */
function unfinished(work: string) {
  const [name] = [...Deno.readDirSync(`${work}/phantom/train`)].filter(({ isDirectory }) => isDirectory);
  const dir = `${work}/phantom/train/${name.name}`;
  const lines = Deno.readTextFileSync(`${dir}/metrics.jsonl`).trim().split("\n").map((line) => JSON.parse(line));
  return { dir, lines };
}

Deno.test("a training that diverges names the command that makes its step again, and that shows what is not finite", async () => {
  const work = await Deno.makeTempDir();
  try {
    const extreme = ["training.learningRate=1e20", "training.clipNorm=0"].flatMap((setting) => ["--set", setting]);
    const { code, stderr } = await run("pipeline", "phantom", "--work", work, "--until", "train", ...SMALL, ...extreme);
    assert.equal(code, 1);
    const told = /found (\w+) NaN at step (\d+) .*snapshot is none.*\.\/dfdt replay "(.*)" --step (\d+)/.exec(stderr);
    assert.ok(told, stderr);
    const [, key, step, dir, replayed] = told;
    assert.equal(replayed, step);
    const table = await run("replay", dir, "--step", step);
    assert.equal(table.code, 0, table.stderr);
    assert.match(table.stdout, new RegExp(`^  ${key} +NaN  not finite$`, "m"));
    assert.match(table.stdout, /^ {2}encoder\.backbone\.layer4( +\S+){4}$/m);
    const json = await run("replay", dir, "--json"); // the step after the last one in the log is the same one
    const { scalars, gradients, parameters } = JSON.parse(json.stdout);
    assert.equal(scalars[key], "NaN");
    const count = (ranges: { notFinite: number }[]) => ranges.reduce((sum, { notFinite }) => sum + notFinite, 0);
    assert.ok(count(gradients) > 1000);
    assert.equal(count(parameters), 0);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
});

Deno.test("replay makes a step of a killed training again from the snapshot before it, as it is in the log", async () => {
  const work = await Deno.makeTempDir();
  try {
    const long = ["--set", "training.steps=400"];
    const child = start(["pipeline", "phantom", "--json", "--work", work, "--until", "train", ...SMALL, ...long]);
    let killed = false;
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      if (killed || !/"stage":"train".*"done":[4-9]/.test(chunk)) continue;
      child.kill("SIGKILL");
      killed = true;
    }
    await child.stderr.cancel();
    await child.status;
    const { dir, lines } = unfinished(work);
    const line = lines.find(({ step }) => step === 4);
    const { code, stdout, stderr } = await run("replay", dir, "--step", "4", "--json");
    assert.equal(code, 0, stderr);
    const replayed = JSON.parse(stdout);
    assert.equal(replayed.snapshot, "step-2.safetensors");
    assert.deepEqual(replayed.episode, { case: line.case, supervoxel: line.supervoxel, slices: line.slices });
    assert.deepEqual(replayed.foreground, line.foreground);
    for (const [name, value] of Object.entries<number>(replayed.scalars)) {
      assert.equal(Number(value.toPrecision(7)), line[name], name);
    }
    const beyond = await run("replay", dir, "--step", "401");
    assert.equal(beyond.code, 2);
    assert.match(beyond.stderr, /Cannot replay step 401: expected one of the 400 steps/);
    const elsewhere = await run("replay", work);
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.stderr, /expected the folder of a training that is not finished/);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
});
