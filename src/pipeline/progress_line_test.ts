import assert from "node:assert/strict";
import fc from "fast-check";
import { progressLine, severalProgressLine, wholeProgressLine } from "./progress_line.ts";

const TRAINING = {
  name: "train",
  done: 930,
  total: 1000,
  unit: "steps",
  rate: 1.5,
  message: "loss 2.062, Dice 0.72, memory 0.61 GiB, tensors 0.10 GiB",
};

Deno.test("progressLine() leaves out what matters least, the narrower the earlier", () => {
  assert.equal(
    progressLine(TRAINING, 200),
    "[======================  ] train 930/1000 steps, 1.5 steps/s, 47 s left  loss 2.062, Dice 0.72, memory 0.61 GiB, " +
      "tensors 0.10 GiB",
  );
  assert.equal(progressLine(TRAINING, 60), "[========= ] train 930/1000 steps, 47 s left  loss 2.062");
  assert.equal(progressLine(TRAINING, 33), "train 930/1000 steps, 47 s left");
  assert.equal(progressLine(TRAINING, 10), "train 930/");
});

Deno.test("progressLine() never passes the width, and from 60 columns on says how far and how long", () => {
  const text = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(..."abc ,.5") });
  const progress = fc.record({
    name: fc.constantFrom("train", "supervoxels (fold 3)", "x"),
    done: fc.nat(40000),
    total: fc.integer({ min: 40000, max: 99999 }),
    unit: fc.constantFrom("steps", "cases"),
    rate: fc.double({ min: 0, max: 500, noNaN: true }),
    message: fc.array(text, { maxLength: 4 }).map((pieces) => pieces.join(", ")),
  });
  fc.assert(fc.property(progress, fc.integer({ min: 0, max: 200 }), (given, width) => {
    const line = progressLine(given, width);
    assert.ok(line.length <= width);
    if (width < 60) return;
    assert.ok(line.includes(`${given.name} ${given.done}/${given.total} ${given.unit}`), line);
    if (given.rate > 1e-3) assert.match(line, /, [\d.]+ (s|min|h|days) left/);
  }));
});

Deno.test("wholeProgressLine() says all that is known", () => {
  assert.equal(
    wholeProgressLine({ name: "resample", done: 2, total: 8, unit: "cases", rate: 0.25, message: "" }),
    "resample     2/8 cases, 4.0 s a case, 24 s left",
  );
});

Deno.test("severalProgressLine() shows as many as fit, and when the last one ends", () => {
  const fold = (number: number, done: number, rate: number) => ({
    ...TRAINING,
    name: `train (fold ${number})`,
    done,
    rate,
  });
  const both = [fold(0, 900, 1), fold(1, 100, 1)];
  assert.equal(severalProgressLine(both, 200), "train (fold 0) 900/1000 · train (fold 1) 100/1000, 15 min left");
  assert.equal(severalProgressLine(both, 50), "train (fold 0) 900/1000 · 1 more, 15 min left");
  assert.equal(
    severalProgressLine([fold(0, 900, 1), fold(1, 0, 0)], 60),
    "train (fold 0) 900/1000 · train (fold 1) 0/1000",
  );
  assert.equal(severalProgressLine(both, 12), "2 side by si");
});
