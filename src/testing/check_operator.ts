import assert from "node:assert/strict";
import { forbidSubgroups, forceKernelSet, openDevice } from "../gpu/mod.ts";
import { differentiate, fromArray, Scope, type Shape, type Tensor, toArray, zeros } from "../tensor/mod.ts";
import { Random } from "../random.ts";

type Names<S> = { [name in keyof S]: Tensor };
type Arrays<S> = { [name in keyof S]: Float64Array };

/** What {@link checkOperator} needs to know. */
export interface OperatorCheck<S extends Record<string, Shape>> {
  /** The operator, on tensors of the given shapes. */
  operator(inputs: Names<S>): Tensor;
  /** The slow, obvious loop in float64; row-major. */
  reference(inputs: Arrays<S>): ArrayLike<number>;
  /** Shape of every input. */
  shapes: S;
  /** Values of an input; standard normal unless given. */
  values?: { [name in keyof S]?: (random: Random, index: number) => number };
  /** Inputs without gradient. */
  constants?: (keyof S)[];
  /** Largest error of the forward result, relative to its largest element. */
  tolerance?: number;
  /** Largest error of a gradient, relative to its largest element. */
  gradientTolerance?: number;
  /** Step of the finite differences; the reference is float64, so small steps are fine. */
  step?: number;
  /** Checks the kernels for adapters without subgroups as well, where the operator has some. */
  withoutSubgroups?: boolean;
}

/** Largest number of elements per input whose gradient is compared. */
const GRADIENT_SAMPLES = 60;

/**
 * Compares an operator with a float64 loop: the forward result, and every gradient with central differences of that
 * loop. Runs with both kernel sets.
 */
export async function checkOperator<S extends Record<string, Shape>>(check: OperatorCheck<S>): Promise<void> {
  await openDevice();
  const ways = ["gpu", "llvmpipe", ...(check.withoutSubgroups ? ["llvmpipe without subgroups" as const] : [])] as const;
  for (const way of ways) {
    forceKernelSet(way === "gpu" ? "gpu" : "llvmpipe");
    forbidSubgroups(way === "llvmpipe without subgroups");
    try {
      await checkWith(check, way);
    } finally {
      forceKernelSet(undefined);
      forbidSubgroups(false);
    }
  }
}

async function checkWith<S extends Record<string, Shape>>(check: OperatorCheck<S>, set: string): Promise<void> {
  const random = new Random("checkOperator", JSON.stringify(check.shapes));
  const names = Object.keys(check.shapes) as (keyof S & string)[];
  const host = {} as { [name in keyof S]: Float32Array<ArrayBuffer> };
  for (const name of names) {
    const size = check.shapes[name].reduce((a, b) => a * b, 1);
    const draw = check.values?.[name] ?? ((r: Random) => r.normal());
    host[name] = Float32Array.from({ length: size }, (_, i) => draw(random, i));
  }
  const evaluate = (): ArrayLike<number> => {
    const copies = {} as Arrays<S>;
    for (const name of names) copies[name] = exact[name].slice();
    return check.reference(copies);
  };
  const exact = {} as Arrays<S>;
  for (const name of names) exact[name] = Float64Array.from(host[name]);

  using _scope = new Scope();
  const inputs = {} as Names<S>;
  const tracked = names.filter((name) => !check.constants?.includes(name));
  for (const name of names) {
    inputs[name] = fromArray(host[name], check.shapes[name]);
    if (!tracked.includes(name)) continue;
    inputs[name].tracked = true;
    inputs[name].gradient = zeros(check.shapes[name]);
  }
  let y!: Tensor;
  const weights: Float32Array<ArrayBuffer>[] = [];
  differentiate(() => y = check.operator(inputs), undefined, (output) => {
    weights.push(Float32Array.from({ length: output.size }, () => random.normal()));
    return fromArray(weights[0], output.shape);
  });
  compare(`forward (${set})`, await toArray(y), evaluate(), check.tolerance ?? 1e-5);

  const objective = () => {
    const values = evaluate();
    let total = 0;
    for (let i = 0; i < values.length; i++) total += values[i] * weights[0][i];
    return total;
  };
  for (const name of tracked) {
    const found = await toArray(inputs[name].gradient!);
    const size = found.length;
    const count = Math.min(size, GRADIENT_SAMPLES);
    const picks = Array.from({ length: count }, (_, k) => size <= GRADIENT_SAMPLES ? k : random.integer(size));
    const expected = picks.map((i) => {
      const h = check.step ?? 1e-5;
      const value = exact[name][i];
      exact[name][i] = value + h;
      const above = objective();
      exact[name][i] = value - h;
      const below = objective();
      exact[name][i] = value;
      return (above - below) / (2 * h);
    });
    compare(`gradient of ${name} (${set})`, picks.map((i) => found[i]), expected, check.gradientTolerance ?? 1e-4);
  }
}

function compare(what: string, found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(found.length, expected.length, `${what}: number of elements`);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  const allowed = tolerance * Math.max(largest, 1e-6);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(found[i] - expected[i]);
    assert.ok(error <= allowed, `${what}: element ${i} is ${found[i]}, expected ${expected[i]} within ${allowed}`);
  }
}
