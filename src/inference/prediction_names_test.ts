import assert from "node:assert/strict";
import fc from "fast-check";
import { predictionNames } from "./prediction_names.ts";

const names = (...list: string[]) => predictionNames(list.map((name, i) => ({ name, label: i + 1 })));

Deno.test("predictionNames() keeps letters and digits of any script", () => {
  assert.deepEqual(names("LIVER", "LV-MYO", "左肾", "肝臓", "Почка", "गुर्दा", "T12_a"), [
    "LIVER",
    "LV-MYO",
    "左肾",
    "肝臓",
    "Почка",
    "गुर्दा",
    "T12_a",
  ]);
});

Deno.test("predictionNames() gives names that meet their labels", () => {
  assert.deepEqual(names("a+", "a*", "b"), ["a__1", "a__2", "b"]);
  assert.deepEqual(names("Liver", "liver"), ["Liver_1", "liver_2"]);
  assert.deepEqual(names("e\u0301", "\u00e9"), ["\u00e9_1", "\u00e9_2"]);
  // the third looks like the first with its label
  assert.deepEqual(names("a+", "a*", "a__1"), ["a__1", "a__2", "a__1_3"]);
  const long = "肝".repeat(200);
  const [one, other] = names(long, long + "x");
  assert.notEqual(one, other);
  assert.ok(new TextEncoder().encode(one).length < 120);
});

Deno.test("predictionNames() never gives two classes one file", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "A", "_", "1", "+", "é", "肝"), minLength: 1, maxLength: 4 });
  fc.assert(fc.property(fc.uniqueArray(name, { maxLength: 12 }), (list) => {
    const found = names(...list).map((one) => one.toLowerCase());
    return new Set(found).size === list.length;
  }));
});
