import { ShapeError } from "../../src/errors.ts";
import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, empty, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import { sumOfRows } from "../sum/sum.ts";
import source from "./attention_weights.wgsl" with { type: "text" };
import gradientSource from "./gradient.wgsl" with { type: "text" };

const weightsKernel = kernel(source, "attentionWeights");
const gradientKernel = kernel(gradientSource, "attentionWeightsGradient");

/** What is added to the products of queries and keys. */
export interface AttentionTerms {
  /** Of every head, `[H, Q, K]`. */
  bias: Tensor;
  /** Of every window, without gradient, `[W, Q, K]`. */
  mask?: Tensor;
  /** Factor of the products. */
  scale: number;
}

/**
 * Weights of windowed attention, `softmax(scale·x + bias + mask)` over the keys.
 *
 * @param x products of queries and keys, `[N·W·H, Q, K]`: heads within windows within images
 * @returns the shape of x
 * @throws {ShapeError} if the shapes do not fit
 */
export function attentionWeights(x: Tensor, { bias, mask, scale }: AttentionTerms): Tensor {
  expectShape("weigh attention", "x", x, ["N·W·H", "Q", "K"]);
  const [products, queries, columns] = x.shape;
  expectShape("weigh attention", "bias", bias, ["H", queries, columns]);
  if (mask) expectShape("weigh attention", "mask", mask, ["W", queries, columns]);
  const heads = bias.shape[0], windows = mask?.shape[0] ?? 1;
  if (products % (heads * windows) !== 0) {
    throw new ShapeError(
      `Cannot weigh attention: expected a multiple of ${heads} heads and ${windows} windows, found [${
        x.shape.join(", ")
      }]`,
    );
  }
  const rows = products * queries, y = emptyLike(x);
  weightsKernel.dispatch(
    { sizes: { rows, columns, perHead: queries, heads, windows, scale }, x, bias, mask: mask ?? bias, y },
    { threads: rows, constants: { masked: Number(mask !== undefined) } },
  );
  return differentiable(y, [x, bias], (gradY) => {
    const gradX = emptyLike(x), gradLogits = emptyLike(x);
    gradientKernel.dispatch({ sizes: { rows, columns, scale }, y, gradY, gradLogits, gradX }, { threads: rows });
    const gradBias = bias.tracked ? sumOfRows(gradLogits, empty(bias.shape)) : undefined;
    gradLogits.release();
    return [gradX, gradBias];
  });
}
