import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { planShots } from "./shots.ts";

const labelled = ["a", "b", "c", "d", "e", "f"];

const fold = { train: ["b", "d", "f", "u"], support: "c", query: ["a", "e"] };

const few = { train: ["a", "b", "c", "d", "u"], support: "a", query: ["b", "c", "d"], isFew: true };

const plan = (of: typeof fold | typeof few, shots: number[], support: string | null = null) =>
  planShots(of, of === few ? labelled.slice(0, 4) : labelled, { support, shots });

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof UserError && error.kind === "usage");
    return error.message;
  }
  return assert.fail("was not refused");
}

Deno.test("planShots() takes the fold's support, then labelled training cases in order; the queries stay", () => {
  assert.deepEqual(plan(fold, [1]), { supports: ["c"], query: ["a", "e"], shots: [1] });
  assert.deepEqual(plan(fold, [1, 3]), { supports: ["c", "b", "d"], query: ["a", "e"], shots: [1, 3] });
  assert.match(refusal(() => plan(fold, [1, 5])), /test\.shots=5: expected at most 4, the support and the 3 labelled/);
});

Deno.test("planShots() leaves at least one of few cases to segment, the same ones for every number of shots", () => {
  assert.deepEqual(plan(few, [1]), { supports: ["a"], query: ["b", "c", "d"], shots: [1] });
  assert.deepEqual(plan(few, [3, 1]), { supports: ["a", "b", "c"], query: ["d"], shots: [3, 1] });
  assert.match(refusal(() => plan(few, [4])), /expected at most 3, since one of the 4 labelled cases has to be left/);
});

Deno.test("planShots() takes any labelled case that the user chooses, which is no query then", () => {
  assert.deepEqual(plan(fold, [2], "d"), { supports: ["d", "b"], query: ["c", "a", "e"], shots: [2] });
  assert.deepEqual(plan(fold, [1], "e"), { supports: ["e"], query: ["c", "a"], shots: [1] });
  assert.deepEqual(plan(few, [2], "c"), { supports: ["c", "a"], query: ["b", "d"], shots: [2] });
  assert.match(refusal(() => plan(fold, [1], "u")), /test\.support=u: expected one of the 6 labelled cases, a, b, c/);
});
