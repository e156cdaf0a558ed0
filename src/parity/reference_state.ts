import type { StateEntry } from "../nn/mod.ts";

/** What the parameters of a network fixture are derived from. */
export interface ReferenceOrigin {
  /** Any text; stands in the fixture's metadata. */
  salt: string;
  /** Added to `encoder.reduce1d.bias`. */
  thresholdBias: number;
}

/**
 * Values of one tensor of a reference network, derived from a hash of salt, name and index and rounded to float32 once
 * (docs/reference/network.md, 5.2).
 */
export function referenceValues({ name, shape }: StateEntry, origin: ReferenceOrigin): Float32Array<ArrayBuffer> {
  const size = shape.reduce((a, b) => a * b, 1);
  const start = fnv1a32(`${origin.salt}/${name}`);
  const value = rule(name, shape, origin.thresholdBias);
  const result = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    result[i] = value(fmix32((start + Math.imul(i, 0x9e3779b9)) >>> 0) / 2 ** 31 - 1);
  }
  return result;
}

function rule(name: string, shape: readonly number[], thresholdBias: number): (u: number) => number {
  if (name.endsWith("running_mean")) return (u) => 0.05 * u;
  if (name.endsWith("running_var")) return (u) => 1 + 0.2 * Math.abs(u);
  if (name.endsWith("relative_position_bias_table")) return (u) => 0.2 * u;
  if (name.endsWith("w_a")) return (u) => u;
  if (shape.length === 1) {
    if (name.endsWith("bn3.weight")) return (u) => 0.2 + 0.05 * u;
    if (name.endsWith("weight")) return (u) => 1 + 0.1 * u;
    if (name === "encoder.reduce1d.bias") return (u) => 0.05 * u + thresholdBias;
    return (u) => 0.05 * u;
  }
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
  const gain = shape.length === 4 && name.startsWith("encoder.backbone") ? Math.SQRT2 : 1;
  const scale = Math.sqrt(3 / fanIn);
  return (u) => u * gain * scale;
}

function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function fmix32(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
