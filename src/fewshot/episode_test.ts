import assert from "node:assert/strict";
import { Random } from "../random.ts";
import { assertDistribution, evenly, tally } from "../testing/chi_square.ts";
import { drawAugmentation } from "./augmentation_draws.ts";
import { drawEpisode, type EpisodeIndex, episodeIndex, excludedSlices, trainingPairs } from "./episode.ts";

const AREA = 10, MIN_AREA = 3;

/** A case whose supervoxels have the given areas by slice; supervoxels are numbered from 1. */
function caseOf(id: string, excluded: readonly number[], ...supervoxels: number[][]): EpisodeIndex {
  const depth = Math.max(...supervoxels.map((areas) => areas.length));
  const volume = new Int32Array(depth * AREA);
  for (let z = 0; z < depth; z++) {
    let next = z * AREA;
    for (const [i, areas] of supervoxels.entries()) {
      volume.fill(i + 1, next, next + (areas[z] ?? 0));
      next += areas[z] ?? 0;
    }
    assert.ok(next <= (z + 1) * AREA, "the slice is full");
  }
  return episodeIndex(id, volume, { area: AREA, excluded });
}

const COHORT = [
  caseOf(
    "a",
    [],
    [4, 4, 4, 0, 4, 4], // two runs of unequal length
    [2, 0, 2, 0, 2, 0], // on three slices, never on two neighbours: the draw starts again with a case
    [1, 1, 1, 4, 1, 1], // one run, in which only the pairs with slice 3 are large enough
    [1, 1, 0, 0, 0, 0], // always too small: another supervoxel of the same case
    [0, 1, 0, 0, 0, 0], // on one slice only: not drawn at all
  ),
  caseOf("b", [], [5, 5], [5, 0, 5]),
  caseOf("c", [3], [3, 3, 3, 3, 3, 3], [3, 0, 0, 3, 3, 3]), // slice 3 is excluded
];

/**
 * Probability of every episode, by the published steps 1 and 4 to 8 as a Markov chain: from a case the draw accepts, goes
 * back to the supervoxel, or starts again with a case.
 */
function probabilities(cases: readonly EpisodeIndex[]): Map<string, number> {
  const accepted: [episode: string, probability: number][] = [];
  let again = 0;
  for (const { id, supervoxels } of cases) {
    let back = 0, newCase = 0;
    const found: [string, number][] = [];
    for (const { label, runs } of supervoxels) {
      if (runs.length === 0) newCase += 1 / supervoxels.length;
      for (const { first, areas } of runs) {
        for (let i = 0; i + 1 < areas.length; i++) {
          const probability = 1 / supervoxels.length / runs.length / (areas.length - 1);
          if (Math.max(areas[i], areas[i + 1]) < MIN_AREA) back += probability;
          else {
            found.push([`${id} ${label} ${first + i} ${first + i + 1}`, probability / 2]);
            found.push([`${id} ${label} ${first + i + 1} ${first + i}`, probability / 2]);
          }
        }
      }
    }
    const perVisit = 1 / cases.length / (1 - back);
    again += perVisit * newCase;
    for (const [episode, probability] of found) accepted.push([episode, probability * perVisit]);
  }
  return new Map(accepted.map(([episode, probability]) => [episode, probability / (1 - again)]));
}

/** The draw of a training step, as the stage `train` makes it. */
const episodeOf = (step: number) => drawEpisode(COHORT, MIN_AREA, new Random(2023, "episode", step));

Deno.test("drawEpisode() draws case, supervoxel, run, slice and order with the probabilities of the published steps", () => {
  const expected = probabilities(COHORT);
  assert.equal(expected.size, 20);
  // by hand: one draw in three is of case b, half of those start again, as do 5/12 of those of case a
  assert.ok(Math.abs(expected.get("b 1 0 1")! - 0.12) < 1e-12);
  const drawn = Array.from({ length: 20000 }, (_, step) => episodeOf(step));
  const counts = tally(
    drawn.map(({ case: id, supervoxel, supportSlice, querySlice }) =>
      `${id} ${supervoxel} ${supportSlice} ${querySlice}`
    ),
  );
  assertDistribution(counts, expected, "episodes");
});

Deno.test("drawEpisode() and drawAugmentation() of a step are independent, and so are steps that follow one another", () => {
  const coins = Array.from({ length: 20000 }, (_, step) => {
    const { supportSlice, querySlice } = episodeOf(step);
    const { gamma, geometry } = drawAugmentation(new Random(2023, "augmentation", step), OPTIONS);
    return `${Number(supportSlice > querySlice)}${Number(gamma.side === "query")}${Number(geometry.side === "query")}`;
  });
  assertDistribution(tally(coins), evenly(["000", "001", "010", "011", "100", "101", "110", "111"]), "coins of a step");
  assertDistribution(tally(coins.map(([swap]) => swap)), evenly(["0", "1"]), "order of the pair");
  const neighbours = coins.slice(1).map((coin, step) => coins[step] + coin);
  const all = Array.from({ length: 64 }, (_, i) => i.toString(2).padStart(6, "0"));
  assertDistribution(tally(neighbours), evenly(all), "coins of two steps");
});

const OPTIONS = { shift: 5, amplitude: 10, sigma: 5 };

Deno.test("episodeIndex() cuts runs at excluded slices, which trainingPairs() then does not cross", () => {
  const index = caseOf("a", [2], [4, 4, 4, 4, 4], [4, 0, 4, 4], [0, 1, 1]);
  assert.deepEqual(index.supervoxels, [
    { label: 1, runs: [{ first: 0, areas: [4, 4] }, { first: 3, areas: [4, 4] }] },
    { label: 2, runs: [] },
  ]);
  assert.deepEqual(trainingPairs(index, MIN_AREA), new Map([[1, [0, 3]]]));
});

Deno.test("excludedSlices() excludes slices that show all classes, and every slice for none", () => {
  const labels = Uint8Array.of(1, 2, 0, 1, 1, 0, 2, 6, 1, 0, 0, 0);
  assert.deepEqual(excludedSlices(labels, [1, 2], 3), [0, 2]);
  assert.deepEqual(excludedSlices(labels, [1], 3), [0, 1, 2]);
  assert.deepEqual(excludedSlices(labels, [], 3), [0, 1, 2, 3]);
});
