import { kernel } from "../../src/gpu/mod.ts";
import { differentiable, emptyLike, expectShape, type Tensor } from "../../src/tensor/mod.ts";
import source from "./gate.wgsl" with { type: "text" };
import gradientSource from "./gradient.wgsl" with { type: "text" };

const gateKernel = kernel(source, "gate");
const gradientKernel = kernel(gradientSource, "gateGradient");

/**
 * A gated sum of two maps, `z·u + (1 − z)·v + u` with `z = σ(logit)` (docs/reference/network.md, 2.5).
 *
 * @param logit any shape
 * @param u the shape of logit
 * @param v the shape of logit
 * @returns the shape of logit
 * @throws {ShapeError} if the shapes differ
 */
export function gatedSum(logit: Tensor, u: Tensor, v: Tensor): Tensor {
  expectShape("gate", "u", u, logit.shape);
  expectShape("gate", "v", v, logit.shape);
  const y = emptyLike(u), work = { threads: Math.ceil(u.size / 4) };
  gateKernel.dispatch({ logit, u, v, y }, work);
  return differentiable(y, [logit, u, v], (gradY) => {
    const [gradLogit, gradU, gradV] = [emptyLike(logit), emptyLike(u), emptyLike(v)];
    gradientKernel.dispatch({ logit, u, v, gradY, gradLogit, gradU, gradV }, work);
    return [gradLogit, gradU, gradV];
  });
}
