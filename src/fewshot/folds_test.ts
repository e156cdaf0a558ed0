import assert from "node:assert/strict";
import { disjointFold, foldFor, PUBLISHED_FOLDS, publishedFold } from "./folds.ts";

const FOLDS = [0, 1, 2, 3, 4];

const numbered = (count: number) => Array.from({ length: count }, (_, i) => String(i));

/** The cases of CHAOST2 that have labels. */
const CHAOST2 = "1 2 3 5 8 10 13 15 19 20 21 22 31 32 33 34 36 37 38 39".split(" ");

Deno.test("publishedFold() refuses a fold of which a case is not there, and one that leaves nothing to train on", () => {
  const fold = (cases: number, number: number) =>
    publishedFold(numbered(cases), PUBLISHED_FOLDS.phantom[number], number);
  assert.throws(() => fold(2, 1), /found no test case among 2 cases/);
  assert.throws(() => fold(6, 2), /positions 4, 5, 6 of the sorted list.*found only 4, 5 among 6 cases/);
  assert.throws(() => fold(3, 0), /found no other among 3 cases/);
  assert.deepEqual(fold(4, 0), { train: ["3"], support: "2", query: ["0", "1"] });
});

Deno.test("disjointFold() tests every case once, in fold floor(5p/N), and never trains on it", () => {
  for (let count = 10; count <= 40; count++) {
    const ids = numbered(count);
    const folds = FOLDS.map((fold) => disjointFold(ids, fold));
    assert.deepEqual(folds.flatMap(({ support, query }) => [support, ...query]).sort(), [...ids].sort());
    for (const [fold, { train, support, query }] of folds.entries()) {
      assert.deepEqual([...train, support, ...query].sort(), [...ids].sort());
      for (const id of [support, ...query]) assert.equal(Math.floor(5 * Number(id) / count), fold);
    }
  }
});

Deno.test("disjointFold() takes the third case as support, or the last of fewer, and refuses a fold of one", () => {
  const { support, query } = disjointFold(CHAOST2, 1);
  assert.deepEqual([support, query], ["13", ["8", "10", "15"]]);
  assert.deepEqual(disjointFold(numbered(11), 0), {
    train: numbered(11).slice(3),
    support: "2",
    query: ["0", "1"],
  });
  assert.deepEqual(disjointFold(numbered(11), 4), { train: numbered(9), support: "10", query: ["9"] });
  assert.throws(
    () => disjointFold(numbered(9), 4),
    /fold 4 under --protocol volume: .* found only 8 in this fifth of 9/,
  );
  assert.throws(() => disjointFold(numbered(3), 1), /found only 1 in this fifth of 3/);
  assert.throws(() => disjointFold(numbered(3), 2), /found no case in this fifth of 3/);
});

Deno.test("foldFor() chooses the folds of the protocol", () => {
  const of = (protocol: "published" | "volume") => foldFor(CHAOST2, { dataset: "CHAOST2", protocol, fold: 4 });
  assert.deepEqual([of("published").support, of("published").query], ["37", ["1", "36", "38", "39"]]);
  assert.deepEqual([of("volume").support, of("volume").query], ["38", ["36", "37", "39"]]);
});
