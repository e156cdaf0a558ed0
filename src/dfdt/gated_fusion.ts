import { add, affine, gatedSum, linearOverMiddle } from "../../kernels/mod.ts";
import type { Pass } from "../nn/mod.ts";
import { reshape, type Tensor } from "../tensor/mod.ts";

/**
 * Gated fusion of both streams, `F = z·u + (1−z)·v + u` with `u = 0.9 f'`, `v = 0.1 s`, `z = σ(fc1(u) + fc2(v))`
 * (docs/reference/network.md, 2.5). The linear layers act along the image width, as published.
 *
 * @param features ResNet features f' after channel attention, `[N, n, n, C]`
 * @param swin Swin features s, the same shape
 */
export function gatedFusion(pass: Pass, features: Tensor, swin: Tensor): Tensor {
  const u = affine(features, 0.9, 0);
  const v = affine(swin, 0.1, 0);
  const { parameters } = pass, width = features.shape[2];
  const bias = add(parameters.get("g.fc1.bias"), parameters.get("g.fc2.bias"));
  const logits = add(alongWidth(pass, "g.fc1", u), alongWidth(pass, "g.fc2", v));
  const fused = gatedSum(add(logits, reshape(bias, [1, 1, width, 1])), u, v);
  pass.observe("gate", fused);
  return fused;
}

/** A linear layer over the width without its bias, the shape of x. */
function alongWidth({ parameters }: Pass, name: string, x: Tensor): Tensor {
  const [images, height, width, channels] = x.shape;
  const rows = reshape(x, [images * height, width, channels]);
  return reshape(linearOverMiddle(rows, parameters.get(`${name}.weight`)), x.shape);
}
