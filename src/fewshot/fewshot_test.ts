import assert from "node:assert/strict";
import { Random } from "../random.ts";
import { bestInterval, intervalDice, intervalMask } from "./baselines.ts";
import { drawEpisode, episodeIndex, trainingPairs } from "./episode.ts";
import { countVoxels, meanOf, score } from "./scores.ts";

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
