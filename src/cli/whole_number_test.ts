import assert from "node:assert/strict";
import { wholeNumber } from "./whole_number.ts";

Deno.test("wholeNumber() takes both ends of its range, and refuses what lies beyond or is no whole number", () => {
  assert.deepEqual(["0", "35"].map((text) => wholeNumber(text, "--cases", [0, 35])), [0, 35]);
  for (const text of ["-1", "36", "1.5", "x", "", " ", "Infinity"]) {
    assert.throws(() => wholeNumber(text, "--cases", [0, 35]), {
      name: "UserError",
      message: `Cannot use --cases "${text}": expected a whole number in 0..35`,
    });
  }
});
