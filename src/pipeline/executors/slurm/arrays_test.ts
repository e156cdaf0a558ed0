import assert from "node:assert/strict";
import fc from "fast-check";
import type { AnyStage, Node } from "../../graph.ts";
import { sourcesOf } from "../../graph.ts";
import { arraysOf, type JobArray, type Made } from "./arrays.ts";

const stage = (name: string, usesAdapter = false) => ({ name, usesAdapter }) as AnyStage;
const [PREPARE, TRAIN, TEST, SUMMARY] = [
  stage("prepare"),
  stage("train", true),
  stage("test", true),
  stage("summary"),
];

function node(
  stage: AnyStage,
  { from = [], ids, part }: { from?: readonly Node[]; ids?: string[]; part?: string },
): Node {
  const inputs = Object.fromEntries(
    from.map((source, i) => [`${i}`, { kind: "file" as const, node: source, file: "f" }]),
  );
  return { stage, inputs, params: {}, byCase: ids !== undefined, ids, experiment: "e", part };
}

/** A cohort that is prepared case by case, trainings, tests of each, and a summary. */
function study({ cases, trainings, testsOfEach }: { cases: number; trainings: number; testsOfEach: number }): Node[] {
  const prepared = node(PREPARE, { ids: Array.from({ length: cases }, (_, i) => `case ${i}`) });
  const trained = Array.from({ length: trainings }, (_, i) => node(TRAIN, { from: [prepared], part: `${i}` }));
  const tested = trained.flatMap((model, i) =>
    Array.from({ length: testsOfEach }, (_, k) => node(TEST, { from: [prepared, model], part: `${i} ${k}` }))
  );
  return [prepared, ...trained, ...tested, node(SUMMARY, { from: tested })];
}

function arrays(nodes: readonly Node[], most: number): JobArray[] {
  const names = new Map(nodes.map((node, i) => [node, `node ${i}`]));
  return arraysOf(nodes, { keyOf: (node) => names.get(node)!, queued: new Map(), casesOfJob: 4, most });
}

Deno.test("arraysOf() makes every case once, in arrays that Slurm takes, after all that it needs", () => {
  const shape = fc.record({
    cases: fc.nat(30),
    trainings: fc.integer({ min: 1, max: 12 }),
    testsOfEach: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(fc.property(shape, fc.integer({ min: 1, max: 9 }), (sizes, most) => {
    const nodes = study(sizes);
    const made = arrays(nodes, most);
    const places = new Map<Node, { array: Made; task: number }[]>();
    const done = new Map<Node, string[]>();
    assert.equal(new Set(made.map(({ key }) => key)).size, made.length);
    for (const array of made) {
      const ids = array.tasks.map(({ id }) => id);
      assert.ok(ids.length <= most && new Set(ids).size === ids.length && Math.max(...ids) < most);
      for (const { node, id } of array.tasks) {
        const waits = (place: { array: Made; task: number }) =>
          place.array === array.follows && place.task === id ||
          array.after.some(({ array, tasks }) => array === place.array && (tasks?.includes(place.task) ?? true));
        for (const source of sourcesOf(node)) assert.ok(places.get(source)!.every(waits), `${array.stage} ${id}`);
      }
      for (const { node, id, cases } of array.tasks) {
        places.set(node, [...places.get(node) ?? [], { array, task: id }]);
        done.set(node, [...done.get(node) ?? [], ...cases ?? node.ids ?? ["all"]]);
      }
    }
    for (const node of nodes) assert.deepEqual(done.get(node)?.toSorted(), (node.ids ?? ["all"]).toSorted());
  }));
});

Deno.test("arraysOf() lets each test follow its own training, in as few arrays as may be", () => {
  const made = arrays(study({ cases: 9, trainings: 2500, testsOfEach: 2 }), 1001);
  const sizes = made.map(({ stage, tasks, follows }) => [stage, tasks.length, (follows as JobArray)?.stage]);
  const tests = [1001, 1001, 1001, 1001, 498, 498].map((size) => ["test", size, "train"]);
  const trainings = [1001, 1001, 498].map((size) => ["train", size, undefined]);
  assert.deepEqual(sizes, [["prepare", 3, undefined], ...trainings, ...tests, ["summary", 1, undefined]]);
  const [summary] = made.slice(-1);
  assert.equal(summary.after.length, tests.length);
  assert.ok(summary.after.every(({ tasks }) => tasks === undefined)); // no list of thousands of numbers
});

Deno.test("arraysOf() collects the cases of a stage that nobody needs, of all its arrays", () => {
  const [prepared] = study({ cases: 13, trainings: 1, testsOfEach: 1 });
  const made = arrays([prepared], 2);
  assert.deepEqual(made.map(({ tasks }) => tasks.length), [2, 2, 1]);
  assert.deepEqual(made.at(-1)!.after, made.slice(0, -1).map((array) => ({ array })));
});
