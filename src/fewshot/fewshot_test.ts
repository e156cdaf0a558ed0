import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { Random } from "../random.ts";
import { bestInterval, intervalDice, intervalMask } from "./baselines.ts";
import { casesOnDisk } from "./cases_on_disk.ts";
import { drawEpisode, episodeIndex, trainingPairs } from "./episode.ts";
import { PUBLISHED_FOLDS, publishedFold } from "./folds.ts";
import { countVoxels, meanOf, score } from "./scores.ts";

Deno.test("bestInterval() takes the lower lower end, then the lower upper end, of intervals that are as good", () => {
  // either foreground pixel alone has a Dice of 2/3, both with the three pixels between them 4/7
  const image = [0, 0.5, 0.5, 0.5, 1], mask = [1, 0, 0, 0, 1];
  assert.equal(intervalDice(image, mask, { lowest: 1, highest: 1 }), 2 / 3);
  assert.equal(intervalDice(image, mask, { lowest: 0, highest: 0.4 }), 2 / 3);
  assert.deepEqual(bestInterval(image, mask), { lowest: 0, highest: 0 });
});

Deno.test("bestInterval() finds the interval that an exhaustive search finds", () => {
  const random = new Random("interval");
  const mask = Uint8Array.from({ length: 200 }, () => Number(random.chance(0.2)));
  const image = Float32Array.from(mask, (inside) => random.normal() + (inside ? 2 : 0));
  const found = bestInterval(image, mask);
  const inside = [...image].filter((_, i) => mask[i]).sort((a, b) => a - b);
  const quantiles = Array.from({ length: 64 }, (_, k) => {
    const position = k / 63 * (inside.length - 1), base = Math.floor(position);
    return inside[base] + ((inside[base + 1] ?? inside[base]) - inside[base]) * (position - base);
  });
  let best = -1;
  for (const lowest of quantiles) {
    for (const highest of quantiles) {
      if (highest >= lowest) best = Math.max(best, intervalDice(image, mask, { lowest, highest })!);
    }
  }
  assert.equal(intervalDice(image, mask, found), best);
  assert.equal(score(countVoxels(intervalMask(image, found), mask)).dice, best);
});

Deno.test("score() is undefined for two empty masks, and meanOf() leaves such values out", () => {
  assert.deepEqual(score(countVoxels([0, 0], [0, 0])), { dice: null, iou: null });
  assert.deepEqual(score(countVoxels([1, 1, 0], [1, 0, 1])), { dice: 0.5, iou: 1 / 3 });
  assert.equal(meanOf([null, 0.5, 1]), 0.75);
  assert.equal(meanOf([null]), null);
});

Deno.test("drawEpisode() draws every admissible pair in both orders, and no other", () => {
  // supervoxel 1 on slices 0, 1, 3 and 4, with 4 pixels; supervoxel 2 on slices 0 and 1, too small; 3 on one slice
  const area = 6;
  const volume = Int32Array.of(
    1,
    1,
    1,
    1,
    2,
    0,
    1,
    1,
    1,
    1,
    2,
    0,
    3,
    3,
    3,
    3,
    3,
    3,
    1,
    1,
    1,
    1,
    0,
    0,
    1,
    1,
    1,
    1,
    0,
    0,
  );
  const index = episodeIndex("a", volume, { area });
  assert.deepEqual(trainingPairs(index, 3), new Map([[1, [0, 3]]]));
  const random = new Random("episodes");
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const { case: id, supervoxel, supportSlice, querySlice } = drawEpisode([index], 3, random);
    assert.deepEqual([id, supervoxel], ["a", 1]);
    seen.add(`${supportSlice} ${querySlice}`);
  }
  assert.deepEqual([...seen].sort(), ["0 1", "1 0", "3 4", "4 3"]);
});

Deno.test("casesOnDisk() keeps every case in its published place, whatever is missing", () => {
  const all = Array.from({ length: 35 }, (_, i) => String(i + 1));
  const disk = (ids: string[], number: number) => {
    const warnings: string[] = [];
    const fold = publishedFold(all, PUBLISHED_FOLDS.CMR[number], number);
    const found = casesOnDisk(fold, ids, { number, file: (id) => `patient${id}`, warn: (one) => warnings.push(one) });
    return { ...found, warnings };
  };
  const whole = disk(all, 1);
  assert.deepEqual([whole.support, whole.query.length, whole.train.length, whole.warnings], ["10", 7, 27, []]);
  const without3 = disk(all.filter((id) => id !== "3"), 1);
  assert.deepEqual([without3.support, without3.query], [whole.support, whole.query]);
  assert.deepEqual(without3.train, whole.train.filter((id) => id !== "3"));
  assert.match(without3.warnings.join(), /^1 of the 27 training cases of fold 1 are not there: 3 \(patient3\);/);
  assert.throws(
    () => disk(all.filter((id) => !["9", "12"].includes(id)), 1),
    (error) =>
      error instanceof UserError && error.exitCode === 2 &&
      /expected its 8 test cases, found no 9 \(patient9\), 12 \(patient12\)/.test(error.message),
  );
  assert.throws(() => disk(all.slice(7, 15), 1), /expected training cases besides its test cases, found none of 27/);
  const further = disk([...all, "40"], 1);
  assert.deepEqual([further.train, further.warnings], [whole.train, ["40: not among the published cases; left out"]]);
});
