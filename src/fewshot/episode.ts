import type { Random } from "../random.ts";

/** What an episode can be drawn from in one case: for every supervoxel the runs of slices that show it. */
export interface EpisodeIndex {
  /** Id of the case. */
  id: string;
  /** Supervoxels with at least two allowed slices, ascending. */
  supervoxels: { label: number; runs: { first: number; areas: number[] }[] }[];
  /** True for a case of one slice, which is its own neighbour. */
  single?: boolean;
}

/** Two neighbouring slices of one supervoxel; of a case of one slice, that slice twice. */
export interface DrawnEpisode {
  /** Id of the case. */
  case: string;
  /** Its label in the supervoxel volume. */
  supervoxel: number;
  /** Slice that is labelled. */
  supportSlice: number;
  /** Slice to segment. */
  querySlice: number;
}

/**
 * Slices left out of training under Setting 2: as published only those that show ALL of the excluded classes
 * (docs/reference/preprocessing.md, 10, step 2, a quirk).
 */
export function excludedSlices(labels: ArrayLike<number>, classes: readonly number[], area: number): number[] {
  const excluded: number[] = [];
  for (let z = 0; z < labels.length / area; z++) {
    const present = new Set<number>();
    for (let i = z * area; i < (z + 1) * area; i++) present.add(labels[i]);
    if (classes.every((value) => present.has(value))) excluded.push(z);
  }
  return excluded;
}

/**
 * Indexes the supervoxels of a case once, so that drawing an episode costs nothing.
 *
 * @param options.area pixels of a slice
 * @param options.excluded slices that are left out
 * @param options.allowsSingle whether a case of one slice is its own neighbour; as published it has none
 */
export function episodeIndex(
  id: string,
  supervoxels: ArrayLike<number>,
  { area, excluded = [], allowsSingle = false }: { area: number; excluded?: readonly number[]; allowsSingle?: boolean },
): EpisodeIndex {
  const slices = supervoxels.length / area;
  const areas = new Map<number, Map<number, number>>(); // label → slice → pixels
  for (let z = 0; z < slices; z++) {
    if (excluded.includes(z)) continue;
    for (let i = z * area; i < (z + 1) * area; i++) {
      const label = supervoxels[i];
      if (label === 0) continue;
      let bySlice = areas.get(label);
      if (!bySlice) areas.set(label, bySlice = new Map());
      bySlice.set(z, (bySlice.get(z) ?? 0) + 1);
    }
  }
  const single = allowsSingle && slices === 1;
  const found: EpisodeIndex["supervoxels"] = [];
  for (const [label, bySlice] of [...areas].sort(([a], [b]) => a - b)) {
    if (bySlice.size < 2 && !single) continue;
    const runs: { first: number; areas: number[] }[] = [];
    for (const [z, count] of bySlice) { // ascending, as inserted
      const last = runs.at(-1);
      if (last && last.first + last.areas.length === z) last.areas.push(count);
      else runs.push({ first: z, areas: [count] });
    }
    found.push({ label, runs: single ? runs : runs.filter((run) => run.areas.length > 1) });
  }
  return { id, supervoxels: found, ...(single ? { single } : {}) };
}

/** All first slices of admissible pairs, by supervoxel: the larger of the two areas reaches `minArea`. */
export function trainingPairs({ supervoxels, single }: EpisodeIndex, minArea: number): Map<number, number[]> {
  const result = new Map<number, number[]>();
  for (const { label, runs } of supervoxels) {
    const starts = single
      ? runs.flatMap(({ areas: [area] }) => area >= minArea ? [0] : [])
      : runs.flatMap(({ first, areas }) =>
        areas.slice(1).flatMap((area, i) => Math.max(area, areas[i]) >= minArea ? [first + i] : [])
      );
    if (starts.length > 0) result.set(label, starts);
  }
  return result;
}

/**
 * Draws an episode as published (docs/reference/preprocessing.md, 10, steps 1 and 4 to 8).
 *
 * @param cases every one of them with an admissible pair: see {@link trainingPairs}
 */
export function drawEpisode(cases: readonly EpisodeIndex[], minArea: number, random: Random): DrawnEpisode {
  for (;;) {
    const chosen = random.pick(cases);
    for (;;) {
      const { label, runs } = random.pick(chosen.supervoxels);
      if (runs.length === 0) break; // a new case
      const { first, areas } = random.pick(runs);
      if (chosen.single) {
        if (areas[0] < minArea) continue;
        return { case: chosen.id, supervoxel: label, supportSlice: 0, querySlice: 0 };
      }
      const i = random.integer(areas.length - 1);
      if (Math.max(areas[i], areas[i + 1]) < minArea) continue; // another supervoxel of the same case
      const swap = random.chance(0.5);
      const [supportSlice, querySlice] = swap ? [first + i + 1, first + i] : [first + i, first + i + 1];
      return { case: chosen.id, supervoxel: label, supportSlice, querySlice };
    }
  }
}

/** What a user is told where no case has an episode. */
export function nothingToTrainOn(
  { minArea, cases, isSetting2 }: { minArea: number; cases: number; isSetting2: boolean },
): string {
  return `Cannot train: expected a case with a supervoxel of at least ${minArea} pixels on two neighbouring slices, or on ` +
    `its only one, found none among ${cases}. Lower training.minArea or supervoxels.minVoxels` +
    (isSetting2 ? ", or use --setting 1: Setting 2 leaves out slices that show every tested class" : "");
}
