import { type Kernel, kernel, Wgsl } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import gradientSource from "./gradient.wgsl" with { type: "text" };
import source from "./score.wgsl" with { type: "text" };
import { type ScoreRow, SCORES } from "./table.ts";

const kernels = new Map<string, { forward: Kernel; byA?: Kernel; byB?: Kernel }>();
for (const [name, { terms, value, slope, slopeOfB }] of Object.entries<ScoreRow>(SCORES)) {
  const gradient = (expression: string | undefined, label: string) =>
    expression === undefined
      ? undefined
      : kernel(new Wgsl(gradientSource).withExpression("slope", expression), "scoreGradient", { label });
  kernels.set(name, {
    forward: kernel(new Wgsl(source).withExpression("terms", terms).withExpression("value", value), "score", {
      label: name,
    }),
    byA: gradient(slope, `${name}Gradient`),
    byB: gradient(slopeOfB, `${name}GradientOfB`),
  });
}

/** Numbers of `totals` in the kernels. */
const TOTALS = 8;

/** What a score depends on beside its two maps. */
interface ScoreOptions {
  option?: number;
  unlessEmpty?: Tensor;
}

function score(
  name: keyof typeof SCORES,
  a: Tensor,
  b: Tensor,
  { option = 0, unlessEmpty }: ScoreOptions = {},
): Tensor {
  expectShape(`take the score ${name}`, "b", b, a.shape);
  const { forward, byA, byB } = kernels.get(name)!;
  const totals = empty([TOTALS]);
  const gate = unlessEmpty ?? b;
  const sizes = { count: a.size, gateCount: gate.size, option };
  const constants = { gated: unlessEmpty ? 1 : 0 };
  forward.dispatch({ sizes, a, b, gate, totals }, { workgroups: [1], constants });
  return differentiable(totals.view([1]), [a, b], (gradScore) => {
    const gradient = (by: Kernel) => {
      const gradA = emptyLike(a);
      by.dispatch({ sizes: { count: a.size, option }, a, b, totals, gradScore, gradA }, { threads: a.size });
      return gradA;
    };
    return [a.tracked && byA ? gradient(byA) : undefined, b.tracked && byB ? gradient(byB) : undefined];
  }, [totals]);
}

/**
 * `Σ w·(−log clamp(p if y > 0.5 else 1 − p, ε, 1 − ε)) / Σ w` with float32's ε (docs/reference/network.md, 3). The gradient
 * reaches p alone, and only inside of the clamp.
 *
 * @param p probabilities, any shape
 * @param y labels 0 or 1, the shape of `p`
 * @param options `background`: the weight w where y is 0, beside 1 elsewhere; `unlessEmpty`: a 0/1 mask without a 1 makes the
 * result 0
 * @returns `[1]`
 * @throws {ShapeError} if the shapes differ
 */
export function likelihoodLoss(
  p: Tensor,
  y: Tensor,
  { background = 1, unlessEmpty }: { background?: number; unlessEmpty?: Tensor } = {},
): Tensor {
  return score("likelihood", p, y, { option: background, unlessEmpty });
}

/**
 * The soft Dice loss `1 − (2·Σ a·b + 1) / (Σ a + Σ b + 1)`; the gradient reaches a alone.
 *
 * @param a probabilities, any shape
 * @param b labels 0 or 1, the shape of `a`
 * @param options `logistic`: of `1 / (1 + e⁻ᵃ)` in the place of a
 * @returns `[1]`
 * @throws {ShapeError} if the shapes differ
 */
export function softDiceLoss(a: Tensor, b: Tensor, { logistic }: { logistic: boolean }): Tensor {
  return score(logistic ? "diceOfLogistic" : "dice", a, b);
}

/** Dice of two 0/1 masks of one shape, `[1]`; 0 where both are empty. No gradient flows through it. */
export function diceOverlap(a: Tensor, b: Tensor): Tensor {
  return score("overlap", a, b);
}

/**
 * The mean of `(a − b)²`.
 *
 * @param options `unlessEmpty`: a 0/1 mask without a 1 makes the result 0
 * @returns `[1]`
 * @throws {ShapeError} if the shapes differ
 */
export function meanSquaredDifference(
  a: Tensor,
  b: Tensor,
  { unlessEmpty }: { unlessEmpty?: Tensor } = {},
): Tensor {
  return score("squaredDistance", a, b, { unlessEmpty });
}
