import { type ComparisonRow, largestDifference, largestMagnitude, missing, row } from "./comparison.ts";
import type { NetworkFixture, ReferenceTensor } from "./network_fixture.ts";
import { type ReplayedTensors, replayNetwork } from "./network_replay.ts";
import { BACKBONE_MEDIAN, toleranceOf } from "./tolerances.ts";

/** Replays a network fixture and compares every stored tensor; one row each, and some for properties of several. */
export async function compareNetwork(fixture: NetworkFixture): Promise<ComparisonRow[]> {
  return compareTensors(fixture, await replayNetwork(fixture));
}

/** Compares what a replay computed with what the fixture stores. */
export function compareTensors(fixture: NetworkFixture, found: ReplayedTensors): ComparisonRow[] {
  const rows: ComparisonRow[] = [];
  for (const [name, reference] of fixture.tensors) {
    if (name.startsWith("input/")) continue;
    const base = name.startsWith("init/") ? name : name.replace(/\|(stats|sample|scatter)$/, "");
    const values = found.get(base);
    if (!values) rows.push(missing(name, "not computed"));
    else rows.push(compareOne(name, values, reference, fixture, found));
  }
  rows.push(backboneMedian(rows, fixture.sampled));
  for (const group of ["eval", "train"]) rows.push(maskRow(group, fixture, found));
  for (const name of found.keys()) {
    if (name.startsWith("grad/") && !has(fixture, name)) rows.push(missing(name, "the reference has no such gradient"));
  }
  return rows;
}

function has({ tensors }: NetworkFixture, name: string): boolean {
  return tensors.has(name) || tensors.has(`${name}|stats`);
}

function compareOne(
  name: string,
  values: Float32Array | Int32Array,
  reference: ReferenceTensor,
  fixture: NetworkFixture,
  found: ReplayedTensors,
): ComparisonRow {
  const part = name.startsWith("init/") ? undefined : /\|(stats|sample|scatter)$/.exec(name)?.[1];
  const base = part ? name.slice(0, -part.length - 1) : name;
  const { measure, limit } = toleranceOf(base, fixture.sampled);
  if (part === "stats") return compareStatistics(name, values, reference.values, measure, limit);
  const picked = part ? pick(values, part) : values;
  const difference = largestDifference(picked, reference.values);
  const magnitude = largestMagnitude(reference.values);
  if (base.includes("/pdet.kc#") && difference === 1 && isNearInteger(base, found)) {
    return row(name, 0, 0, "one off within rounding");
  }
  if (magnitude === 0 && measure !== "absolute") return row(name, difference, 0, "the reference is exactly zero");
  switch (measure) {
    case "exact":
      return row(name, difference, 0);
    case "absolute":
      return row(name, difference, limit);
    case "relative":
      return row(name, difference / magnitude, limit);
    case "each": {
      const errors = Array.from(reference.values, (r, i) => Math.abs(picked[i] - r) / Math.max(Math.abs(r), 1e-12));
      return row(name, errors.reduce((a, b) => a >= b ? a : b), limit);
    }
    case "scatter": {
      // Single elements of these gradients move with the summation order, so only the scattered sample as a whole counts.
      if (part !== "scatter") return row(name, 0, 0, "judged by its scattered sample");
      let square = 0, norm = 0;
      for (let i = 0; i < picked.length; i++) {
        square += (picked[i] - reference.values[i]) ** 2;
        norm += reference.values[i] ** 2;
      }
      return row(name, Math.sqrt(square / norm), limit);
    }
  }
}

/** `[L2 norm, mean]`: the norm relative to the norm, the mean relative to norm/√size. */
function compareStatistics(
  name: string,
  values: ArrayLike<number>,
  { 0: norm, 1: mean }: ArrayLike<number>,
  measure: string,
  limit: number,
): ComparisonRow {
  let square = 0, total = 0;
  for (let i = 0; i < values.length; i++) {
    square += values[i] ** 2;
    total += values[i];
  }
  const normError = Math.abs(Math.sqrt(square) - norm) / (norm || 1);
  if (measure === "scatter") return row(name, normError, 0.1);
  const meanError = Math.abs(total / values.length - mean) / ((norm || 1) / Math.sqrt(values.length));
  return row(name, Math.max(normError, meanError), limit);
}

function pick(values: Float32Array | Int32Array, part: string): Float64Array {
  const size = BigInt(values.length);
  return Float64Array.from({ length: 64 }, (_, k) => {
    const index = part === "sample"
      ? Math.floor(k * values.length / 64)
      : Number((BigInt(k) * 0x9e3779b1n + 12345n) % size);
    return values[index];
  });
}

/** Whether (min A + mean A)/2 of this round lies within 2e-4 · max |A| of an integer. */
function isNearInteger(name: string, found: ReplayedTensors): boolean {
  const affinity = found.get(name.replace("kc", "affinity"));
  if (!affinity) return false;
  const list = Array.from(affinity);
  const middle = (Math.min(...list) + list.reduce((a, b) => a + b) / list.length) / 2;
  return Math.abs(middle - Math.round(middle)) <= 2e-4 * largestMagnitude(affinity);
}

/** Median over the gradients of the backbone. */
function backboneMedian(rows: readonly ComparisonRow[], sampled: boolean): ComparisonRow {
  const errors = rows
    .filter(({ name }) => name.startsWith("grad/encoder.backbone") && (!sampled || name.endsWith("|scatter")))
    .map(({ error }) => error).sort((a, b) => a - b);
  const median = errors.length === 0 ? NaN : errors[Math.floor(errors.length / 2)];
  return row("grad/encoder.backbone: median", median, sampled ? BACKBONE_MEDIAN.sampled : BACKBONE_MEDIAN.whole);
}

/** Share of mask pixels that differ, pixels within 1e-3 of one half left out. */
function maskRow(group: string, fixture: NetworkFixture, found: ReplayedTensors): ComparisonRow {
  const part = fixture.sampled ? "scatter" : undefined;
  const name = `${group}/prediction${part ? `|${part}` : ""}`;
  const reference = fixture.tensors.get(name)?.values, values = found.get(`${group}/prediction`);
  if (!reference || !values) return missing(`${group}/mask`, "no prediction");
  const picked = part ? pick(values, part) : values;
  let differing = 0;
  for (let i = 0; i < reference.length; i++) {
    const clear = Math.abs(reference[i] - 0.5) > 1e-3;
    if (clear && (picked[i] > 0.5) !== (reference[i] > 0.5)) differing++;
  }
  return row(`${group}/mask`, differing, 0);
}
