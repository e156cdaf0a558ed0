import assert from "node:assert/strict";
import { sweepOf } from "./sweep.ts";

const ONE = { setting: "1", protocol: "published", seed: "2023", fold: "0" };

Deno.test("sweepOf() reads lists, and counts what is there twice once", () => {
  assert.deepEqual(sweepOf(ONE), { settings: [1], protocols: ["published"], seeds: [2023], folds: [0] });
  assert.deepEqual(sweepOf({ setting: "2,1", protocol: "published,volume", seed: "3, 1,3", fold: "all" }), {
    settings: [2, 1],
    protocols: ["published", "volume"],
    seeds: [3, 1],
    folds: "all",
  });
});

Deno.test("sweepOf() refuses what is none of the values, by the option's name", () => {
  const refuses = (change: Partial<typeof ONE>, message: RegExp) =>
    assert.throws(() => sweepOf({ ...ONE, ...change }), { name: "UserError", message });
  refuses({ setting: "3" }, /^Unknown --setting "3": expected "1", "2", or 1,2$/);
  refuses({ protocol: "volumes" }, /^Unknown --protocol "volumes": expected "published", "volume", or/);
  refuses({ seed: "1,,2" }, /^Cannot use --seed "1,,2": expected one value, or several with commas between$/);
  refuses({ seed: "1,x" }, /^Cannot use --seed "x": expected a whole number/);
  refuses({ fold: "1,all" }, /^Unknown --fold "all"/);
});
