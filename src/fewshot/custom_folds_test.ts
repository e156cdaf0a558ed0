import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { customFold, customFoldCount } from "./custom_folds.ts";

const cases = (count: number) => Array.from({ length: count }, (_, i) => `c${String(i).padStart(2, "0")}`);

const plain = (labelled: number, unlabelled = 0) => ({
  labelled: cases(labelled),
  unlabelled: Array.from({ length: unlabelled }, (_, i) => `u${i}`),
});

Deno.test("customFoldCount() is 0 below a support and a query, 1 up to 4 cases, half up to 9, then 5", () => {
  const counts = Array.from({ length: 14 }, (_, n) => customFoldCount(plain(n)));
  assert.deepEqual(counts, [0, 0, 1, 1, 1, 2, 3, 3, 4, 4, 5, 5, 5, 5]);
});

Deno.test("customFold() tests every labelled case once, with a support and a query in every fold", () => {
  for (let count = 5; count <= 23; count++) {
    const { labelled, unlabelled } = plain(count, 3);
    const folds = Array.from(
      { length: customFoldCount({ labelled, unlabelled }) },
      (_, fold) => customFold({ labelled, unlabelled }, fold, 1),
    );
    assert.deepEqual(folds.flatMap(({ support, query }) => [support, ...query]).sort(), labelled);
    for (const { train, support, query } of folds) {
      assert.ok(query.length >= 1, `${count} cases`);
      assert.deepEqual([...train, support, ...query].sort(), [...labelled, ...unlabelled].sort());
      assert.equal(support, [support, ...query].sort()[0]); // the first in the data set's order
    }
  }
  assert.notDeepEqual(customFold(plain(12), 0, 1), customFold(plain(12), 0, 2));
});

Deno.test("customFold() trains on everything where few cases have labels, and tests nothing where fewer than two have", () => {
  assert.deepEqual(customFold(plain(3, 2), 0, 1), {
    train: ["c00", "c01", "c02", "u0", "u1"],
    support: "c00",
    query: ["c01", "c02"],
    isFew: true,
  });
  assert.deepEqual(customFold(plain(1, 2), 0, 1), { train: ["c00", "u0", "u1"], support: undefined, query: [] });
  assert.deepEqual(customFold(plain(0, 2), 0, 1), { train: ["u0", "u1"], support: undefined, query: [] });
});

Deno.test("customFold() refuses a fold that there is not, and names those that there are", () => {
  const message = (count: number, fold: number) => {
    try {
      customFold(plain(count), fold, 1);
    } catch (error) {
      assert.ok(error instanceof UserError && error.kind === "usage");
      return error.message;
    }
  };
  assert.match(
    message(2, 1)!,
    /expected fold 0 alone, since 2 labelled cases make fold 0 alone\. Choose --fold 0 or all/,
  );
  assert.match(message(5, 2)!, /expected folds 0 to 1, .* Choose --fold 0 to 1 or all/);
  assert.match(message(30, 5)!, /expected folds 0 to 4/);
  assert.equal(message(5, 1), undefined);
});

Deno.test("customFold() honours the user's splits: any number, the first of val as written, faults of that fold alone", () => {
  const splits = [
    { train: ["c01"], val: ["c04", "c00", "c02"] },
    { train: ["c01", "x"], val: ["c00", "u0", "c01"] },
    { train: ["c01"], val: ["c02"] },
    { train: [], val: ["c00", "c01"] },
  ];
  const some = { ...plain(5, 2), splits };
  assert.equal(customFoldCount(some), 4);
  assert.deepEqual(customFold(some, 0, 1), { train: ["c01", "u0", "u1"], support: "c04", query: ["c00", "c02"] });
  const message = (fold: number, given: typeof some | Parameters<typeof customFold>[0] = some) => {
    try {
      return String(customFold(given, fold, 1).train);
    } catch (error) {
      assert.ok(error instanceof UserError);
      return error.message;
    }
  };
  assert.match(
    message(1),
    /fold 1 .*expected names of cases, found x; .*c01 twice; expected cases with labels in val, found none for u0/,
  );
  assert.match(message(2), /expected a support and a query case in val, found 1/);
  assert.equal(message(3), "u0,u1"); // those without labels always train
  assert.match(message(3, { labelled: cases(5), unlabelled: [], splits }), /expected training cases, found none/);
  assert.match(message(4), /expected folds 0 to 3, since splits_final\.json has 4/);
});
