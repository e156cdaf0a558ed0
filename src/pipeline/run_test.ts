import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { DigestMemory } from "./digest.ts";
import type { PipelineEvent } from "./events.ts";
import { type CasesHandle, type FileHandle, Graph, type Node, only, rawCases, together } from "./graph.ts";
import { Run, type RunOptions } from "./run.ts";
import { defineCaseStage, defineStage, Interrupted } from "./stage.ts";
import { collectNodes } from "./graph.ts";
import { lockArtifact } from "./store.ts";

/** A folder with raw files `a`, `b` and `c`, and runs over them. */
class Workplace implements AsyncDisposable {
  readonly #root = Deno.makeTempDirSync();
  readonly work: string = join(this.#root, "experiment");
  readonly events: PipelineEvent[] = [];

  constructor() {
    for (const name of ["a", "b", "c"]) Deno.writeTextFileSync(join(this.#root, name), name);
  }

  /** Path of a raw file. */
  raw(name: string): string {
    return join(this.#root, name);
  }

  get cases(): CasesHandle {
    return rawCases(new Map(["a", "b", "c"].map((name) => [name, this.raw(name)])));
  }

  run(nodes: Node[], options: Partial<RunOptions> = {}): Run {
    return new Run(nodes, {
      work: this.#root,
      digests: new DigestMemory(this.#root),
      reporter: { report: (event) => this.events.push(event) },
      signal: new AbortController().signal,
      versions: () => ({}),
      ...options,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true });
  }
}

/** Doubles the text of every case; tells which cases it ran. */
const doubled: string[] = [];
const double = defineCaseStage({
  name: "double",
  version: 1,
  inputs: ["texts"],
  params: z.object({ suffix: z.string() }),
  outputs: { texts: (id) => `${id}.txt` },
  async run({ id, inputs, params, output }) {
    doubled.push(id);
    const text = await readFile(inputs.texts, "utf8");
    await writeFile(join(output, `${id}.txt`), text + text + params.suffix);
  },
});

const joined: string[] = [];
const join3 = defineStage({
  name: "join",
  version: 1,
  inputs: { texts: "cases" },
  params: z.object({ end: z.string() }),
  outputs: { all: "all.txt" },
  async run({ inputs, params, output }) {
    const texts = await Promise.all(Object.values(inputs.texts).map((path) => readFile(path, "utf8")));
    joined.push(texts.join());
    await writeFile(join(output, "all.txt"), texts.join() + params.end);
  },
});

const count = defineStage({
  name: "count",
  version: 1,
  inputs: { files: "files" },
  params: z.object({}),
  outputs: { count: "count.txt" },
  async run({ inputs, output }) {
    await writeFile(join(output, "count.txt"), Object.keys(inputs.files).join());
  },
});

function graph(place: Workplace, { suffix = "", end = "." } = {}): Node[] {
  return collectNodes(() => join3({ texts: double({ texts: place.cases }, { suffix }).texts }, { end })).nodes;
}

/** Which cases were doubled and how often texts were joined since the last call. */
function done(): [string, number] {
  const result: [string, number] = [doubled.join(""), joined.length];
  doubled.length = joined.length = 0;
  return result;
}

Deno.test("Run makes what is missing, and nothing the second time", async () => {
  await using place = new Workplace();
  const [, directory] = [...await place.run(graph(place)).execute()][1];
  assert.equal(await readFile(join(directory, "all.txt"), "utf8"), "aa,bb,cc.");
  assert.deepEqual(done(), ["abc", 1]);
  await place.run(graph(place)).execute();
  assert.deepEqual(done(), ["", 0]);
});

Deno.test("Run makes only the case again whose raw file changed, and says so in the plan", async () => {
  await using place = new Workplace();
  await place.run(graph(place)).execute();
  await writeFile(place.raw("b"), "B");
  const [first, second] = await place.run(graph(place)).plan();
  assert.equal(first.reason, "1 of 3 cases; changed: input texts.b");
  assert.equal(second.status, "pending");
  done();
  await place.run(graph(place)).execute();
  assert.deepEqual(done(), ["b", 1]);
  await writeFile(place.raw("b"), "b"); // the earlier artifacts are still there
  await place.run(graph(place)).execute();
  assert.deepEqual(done(), ["", 0]);
});

Deno.test("Run.plan() names the parameters that changed", async () => {
  await using place = new Workplace();
  await place.run(graph(place)).execute();
  const [, state] = await place.run(graph(place, { end: "!" })).plan();
  assert.deepEqual([state.status, state.reason], ["stale", 'changed: end: "." → "!"']);
});

/** The two stages as they are after their version was raised to give other bytes. */
function raised(place: Workplace): Record<"cases" | "whole", Node[]> {
  const after = defineCaseStage({
    name: "double",
    version: 2,
    inputs: ["texts"],
    params: z.object({ suffix: z.string() }),
    outputs: { texts: (id) => `${id}.txt` },
    async run({ id, inputs, params, output }) {
      doubled.push(id);
      const text = await readFile(inputs.texts, "utf8");
      await writeFile(join(output, `${id}.txt`), text + "+" + text + params.suffix);
    },
  });
  const last = defineStage({
    name: "join",
    version: 2,
    inputs: { texts: "cases" },
    params: z.object({ end: z.string() }),
    outputs: { all: "all.txt" },
    async run({ inputs, params, output }) {
      joined.push(Object.keys(inputs.texts).join());
      await writeFile(join(output, "all.txt"), Object.keys(inputs.texts).join("-") + params.end);
    },
  });
  const nodesOf = (first: typeof double, second: typeof join3) =>
    collectNodes(() => second({ texts: first({ texts: place.cases }, { suffix: "" }).texts }, { end: "." })).nodes;
  return { cases: nodesOf(after, join3), whole: nodesOf(double, last) };
}

Deno.test("Run makes a stage anew whose version was raised, case by case or whole, and says so in the plan", async () => {
  await using place = new Workplace();
  const textOf = async (directories: ReadonlyMap<Node, string>) =>
    await readFile(join([...directories.values()][1], "all.txt"), "utf8");
  const before = await place.run(graph(place)).execute();
  const { cases, whole } = raised(place);
  const [first, second] = await place.run(cases).plan();
  assert.deepEqual([first.status, first.reason], ["stale", "3 of 3 cases; version 1 → 2"]);
  assert.equal(second.status, "pending");
  const [kept, last] = await place.run(whole).plan();
  assert.deepEqual([kept.status, last.status, last.reason], ["cached", "stale", "version 1 → 2"]);
  done();
  const ofCases = await place.run(cases).execute();
  assert.deepEqual(done(), ["abc", 1]);
  assert.equal(await textOf(ofCases), "a+a,b+b,c+c.");
  const ofWhole = await place.run(whole).execute();
  assert.deepEqual(done(), ["", 1]);
  assert.equal(await textOf(ofWhole), "a-b-c.");
  // an older version of the code finds its own artifacts again
  assert.deepEqual([...(await place.run(graph(place)).execute()).values()], [...before.values()]);
  assert.deepEqual([done(), await textOf(before)], [["", 0], "aa,bb,cc."]);
});

Deno.test("Run clears a forced stage that can go on from what it has written once, and resumes it after a kill", async () => {
  await using place = new Workplace();
  let killed = true;
  const found: string[] = [];
  const counts = defineStage({
    name: "counts",
    version: 1,
    inputs: {},
    params: z.object({}),
    outputs: { file: "count.txt" },
    resumable: true,
    async run({ output }) {
      const path = join(output, "count.txt");
      const before = await readFile(path, "utf8").catch(() => "");
      found.push(before);
      await writeFile(path, `${before}+`);
      if (killed) throw new Error("killed on purpose");
    },
  });
  const nodes = collectNodes(() => counts({}, {})).nodes;
  const force = { force: true };
  await assert.rejects(place.run(nodes).execute(), /killed on purpose/);
  await assert.rejects(place.run(nodes, force).execute(), /killed on purpose/); // clears what is there
  await assert.rejects(place.run(nodes, force).execute(), /killed on purpose/); // goes on
  killed = false;
  const [directory] = [...(await place.run(nodes, force).execute()).values()];
  assert.deepEqual(found.splice(0), ["", "", "+", "++"]);
  assert.deepEqual((await readdir(directory)).sort(), ["count.txt", "manifest.json"]);
  await place.run(nodes, force).execute(); // what is finished is made anew
  assert.deepEqual(found, [""]);
});

Deno.test("Run notices a file of an artifact that is missing or has another length, and with verify other bytes", async () => {
  await using place = new Workplace();
  const file = join([...await place.run(graph(place)).execute()][1][1], "all.txt");
  const statusOf = async (verify = false) => (await place.run(graph(place), { verify }).plan())[1].status;
  await writeFile(file, "aa,bb,cX.");
  assert.equal(await statusOf(), "cached");
  assert.equal(await statusOf(true), "stale");
  await writeFile(file, "short");
  assert.equal(await statusOf(), "stale");
  await rm(file);
  assert.equal(await statusOf(), "stale");
  done();
  await place.run(graph(place)).execute();
  assert.deepEqual(done(), ["", 1]);
  assert.equal(await readFile(file, "utf8"), "aa,bb,cc.");
});

Deno.test("Run with from ignores the artifacts of that stage and of what depends on it, once", async () => {
  await using place = new Workplace();
  await place.run(graph(place)).execute();
  done();
  await place.run(graph(place), { from: "join" }).execute();
  assert.deepEqual(done(), ["", 1]);
  await place.run(graph(place), { force: true }).execute();
  assert.deepEqual(done(), ["abc", 1]);
  await place.run(graph(place), { until: "double", force: true }).execute();
  assert.deepEqual(done(), ["abc", 0]);
});

Deno.test("Graph shares nodes that are equal; the others say what the graphs they serve have in common", async () => {
  await using place = new Workplace();
  const graph = new Graph();
  const experiment = "experiment";
  const all: Record<string, FileHandle> = {};
  for (const end of [".", "!"]) {
    for (const fold of ["ab", "bc"]) {
      graph.add(() => {
        const { texts } = double({ texts: place.cases }, { suffix: "" });
        const first = join3({ texts: only(texts, [...fold]) }, { end: "" });
        all[fold + end] = join3({ texts: only(texts, [...fold]) }, { end }).all;
        all[fold] = first.all;
      }, { experiment, part: { end: `end ${end}`, fold: `fold ${fold}` } });
    }
  }
  graph.add(() => count({ files: together(all) }, {}), { experiment });
  const { nodes } = graph;
  assert.deepEqual(
    nodes.map(({ stage, part }) => [stage.name, part]),
    [
      ["double", undefined],
      ...[["join", "fold ab"], ["join", "end ., fold ab"], ["join", "fold bc"], ["join", "end ., fold bc"]],
      ...[["join", "end !, fold ab"], ["join", "end !, fold bc"], ["count", undefined]],
    ],
  );
  done();
  const run = place.run(nodes, { force: true });
  const directories = [...(await run.execute()).values()];
  assert.deepEqual(done(), ["abc", 6]);
  assert.equal(await readFile(join(directories[7], "count.txt"), "utf8"), "ab.,ab,bc.,bc,ab!,bc!");
  assert.deepEqual(await place.run(nodes).where("join"), directories.slice(1, 7));
  assert.deepEqual(await place.run(nodes).where("double"), directories.slice(0, 1));
});

Deno.test("an interrupted run keeps the cases that are finished", async () => {
  await using place = new Workplace();
  const interrupt = new AbortController();
  const report = (event: PipelineEvent) => {
    if (event.event === "progress" && event.done === 2) interrupt.abort();
  };
  const run = place.run(graph(place), { signal: interrupt.signal, reporter: { report } });
  done();
  await assert.rejects(run.execute(), Interrupted);
  assert.deepEqual(done(), ["ab", 0]);
  await place.run(graph(place)).execute();
  assert.deepEqual(done(), ["c", 1]);
});

Deno.test("a stage that fails leaves no artifact", async () => {
  await using place = new Workplace();
  const fails = defineStage({
    name: "fails",
    version: 1,
    inputs: {},
    params: z.object({}),
    outputs: { file: "file.txt" },
    async run({ output }) {
      await writeFile(join(output, "file.txt"), "half");
      throw new Error("broken on purpose");
    },
  });
  const nodes = collectNodes(() => fails({}, {})).nodes;
  await assert.rejects(place.run(nodes).execute(), /broken on purpose/);
  assert.deepEqual(await place.run(nodes).where("fails"), [undefined]);
  assert.equal((await place.run(nodes).plan())[0].status, "stale");
});

Deno.test("a case that fails leaves nothing, and the others are made", async () => {
  await using place = new Workplace();
  const fails = defineCaseStage({
    name: "fails",
    version: 1,
    inputs: ["texts"],
    params: z.object({}),
    outputs: { texts: (id) => `${id}.txt` },
    async run({ id, output }) {
      await writeFile(join(output, `${id}.txt`), "half");
      if (id === "b") throw new UserError("usage", "broken on purpose");
    },
  });
  const nodes = collectNodes(() => fails({ texts: place.cases }, {})).nodes;
  await assert.rejects(place.run(nodes).execute(), /^UserError: broken on purpose/);
  const left = (await readdir(join(place.work, "fails", "cases"))).filter((name) => !name.endsWith(".lock"));
  assert.equal(left.length, 2, left.join());
  assert.ok(left.every((name) => /^[0-9a-f]{24}$/.test(name)), left.join());
});

/** Refuses cases whose text is "bad". */
const refusesBad = defineCaseStage({
  name: "refuses bad",
  version: 1,
  inputs: ["texts"],
  params: z.object({}),
  outputs: { texts: (id) => `${id}.txt` },
  async run({ id, inputs, output }) {
    const text = await readFile(inputs.texts, "utf8");
    doubled.push(id);
    if (text === "bad") throw new UserError("data", `Cannot use "${id}": bad`);
    await writeFile(join(output, `${id}.txt`), text);
  },
});

Deno.test("a dispensable case whose data are refused is left out, by this run and those after it, until they change", async () => {
  await using place = new Workplace();
  await writeFile(place.raw("b"), "bad");
  const build = (...dispensable: string[]) =>
    collectNodes(() => {
      const files = new Map(["a", "b", "c"].map((name) => [name, place.raw(name)]));
      const { texts } = refusesBad({ texts: rawCases(files, dispensable) }, {});
      return join3({ texts }, { end: "" });
    }).nodes;
  const warnings = () => place.events.filter(({ event }) => event === "warning").map(({ message }) => message);
  const once = place.run(build("b"));
  const directories = await once.execute();
  const [, last] = [...directories.values()];
  assert.equal(await readFile(join(last, "all.txt"), "utf8"), "a,c");
  assert.deepEqual([...once.left], [["b", 'Cannot use "b": bad']]);
  assert.deepEqual(warnings(), ['case "b" is left out: Cannot use "b": bad']);

  doubled.splice(0);
  const again = place.run(build("b"));
  assert.deepEqual((await again.plan()).map(({ status }) => status), ["cached", "cached"]);
  await again.execute();
  assert.deepEqual([[...doubled], [...again.left.keys()], warnings().length], [[], ["b"], 2]);
  // without the case it is the same artifact
  await rm(place.raw("b"));
  const without = collectNodes(() => {
    const files = new Map(["a", "c"].map((name) => [name, place.raw(name)]));
    return join3({ texts: refusesBad({ texts: rawCases(files) }, {}).texts }, { end: "" });
  }).nodes;
  assert.deepEqual((await place.run(without).plan()).map(({ status }) => status), ["cached", "cached"]);

  await writeFile(place.raw("b"), "bad");
  await assert.rejects(place.run(build()).execute(), /^UserError: Cannot use "b": bad/); // where it may not be left out
  await assert.rejects(place.run(build("a")).execute(), /^UserError: Cannot use "b": bad/);
  doubled.splice(0);
  await place.run(build("b"), { force: true }).execute();
  assert.deepEqual(doubled, ["a", "b", "c"]);
  await writeFile(place.raw("b"), "good");
  await place.run(build("b")).execute();
  assert.deepEqual(doubled, ["a", "b", "c", "b"]);
});

Deno.test("cases share inputs, which are in their keys, open something once and end with a file of all of them", async () => {
  await using place = new Workplace();
  const told: string[] = [];
  const shares = defineCaseStage({
    name: "shares",
    version: 1,
    inputs: ["texts"],
    shared: { suffix: "file", others: "cases" },
    params: z.object({}),
    outputs: { texts: (id) => `${id}.txt` },
    async open({ inputs }) {
      const suffix = await readFile(inputs.suffix, "utf8");
      told.push(`open ${suffix} ${Object.keys(inputs.others)}`);
      return { suffix, [Symbol.dispose]: () => void told.push("end") };
    },
    async run({ id, inputs, opened, output }) {
      told.push(id);
      await writeFile(join(output, `${id}.txt`), await readFile(inputs.texts, "utf8") + opened.suffix);
    },
    async collect({ ids, output }) {
      const texts = await Promise.all(ids.map((id) => readFile(join(output, `${id}.txt`), "utf8")));
      await writeFile(join(output, "all.txt"), texts.join());
    },
  });
  const suffix = place.raw("suffix");
  const build = (count: number) =>
    collectNodes(() => {
      const texts = only(place.cases, ["a", "b", "c"].slice(0, count));
      return shares({ texts, suffix: { kind: "file", file: suffix }, others: only(place.cases, ["c"]) }, {});
    }).nodes;
  const all = async (count: number) => {
    const [dir] = (await place.run(build(count)).execute()).values();
    return await readFile(join(dir, "all.txt"), "utf8");
  };
  await writeFile(suffix, "1");
  assert.equal(await all(2), "a1,b1");
  assert.equal(await all(3), "a1,b1,c1");
  assert.equal(await all(3), "a1,b1,c1");
  assert.deepEqual(told.splice(0), ["open 1 c", "a", "b", "end", "open 1 c", "c", "end"]);
  await writeFile(suffix, "22");
  assert.equal(await all(2), "a22,b22");
  await writeFile(place.raw("c"), "other"); // one that all share
  assert.equal(await all(2), "a22,b22");
  assert.deepEqual(told.splice(0), ["open 22 c", "a", "b", "end", "open 22 c", "a", "b", "end"]);
});

Deno.test("a stage that does not make what it promises fails by name", async () => {
  await using place = new Workplace();
  const forgets = defineStage({
    name: "forgets",
    version: 1,
    inputs: {},
    params: z.object({}),
    outputs: { file: "file.txt" },
    run: () => Promise.resolve(),
  });
  const nodes = collectNodes(() => count({ files: together({ one: forgets({}, {}).file }) }, {})).nodes;
  await assert.rejects(place.run(nodes).execute(), /Stage "forgets" was expected to make "file\.txt"/);
});

Deno.test("a run waits for the process that makes the same artifact and says who it is, or fails with noWait", async () => {
  await using place = new Workplace();
  const nodes = graph(place);
  const [{ key }] = await place.run(nodes).plan();
  const lock = await lockArtifact(join(place.work, "double", key!), () => {});
  await assert.rejects(place.run(nodes, { noWait: true }).execute(), (error: Error) => {
    return error.message.includes(`is being made by process ${Deno.pid}; not waiting`);
  });
  const running = place.run(nodes).execute();
  while (!place.events.some(({ message }) => message?.includes("waiting for it"))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await lock[Symbol.asyncDispose]();
  assert.equal((await running).size, 2);
});

Deno.test("Run refuses a stage that the experiment does not have, with the nearest", () => {
  const nodes = collectNodes(() => count({ files: together({}) }, {})).nodes;
  assert.throws(
    () => new Workplace().run(nodes, { until: "coutn" }),
    /Unknown stage "coutn" of --until: did you mean "count"\?/,
  );
});
