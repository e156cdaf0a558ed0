import { add, affine, gatedSum, permute } from "../../kernels/mod.ts";
import { dense, type Pass } from "../nn/mod.ts";
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
  const logits = add(alongWidth(pass, "g.fc1", u), alongWidth(pass, "g.fc2", v));
  const [images, height, width, channels] = features.shape;
  const fused = gatedSum(permute(reshape(logits, [images, height, channels, width]), [0, 1, 3, 2]), u, v);
  pass.observe("gate", fused);
  return fused;
}

/** A linear layer over the width, `[N, H, W, C]` → `[N · H · C, W]`. */
function alongWidth(pass: Pass, name: string, x: Tensor): Tensor {
  const [images, height, width, channels] = x.shape;
  return dense(pass, name, reshape(permute(x, [0, 1, 3, 2]), [images * height * channels, width]));
}
