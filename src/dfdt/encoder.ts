import { add, affine, convolution, linear, mean, resize } from "../../kernels/mod.ts";
import { dense, type DropPath, type Pass, resnet, type SwinStage } from "../nn/mod.ts";
import { reshape, type Tensor } from "../tensor/mod.ts";
import { channelAttention } from "./channel_attention.ts";
import { featureSide, type NetworkConfiguration, resnetPart } from "./configuration.ts";
import { gatedFusion } from "./gated_fusion.ts";

/** What the encoder makes of a batch of images. */
export interface Encoded {
  /** Fused features F, `[N, n, n, C]`. */
  features: Tensor;
  /** Threshold τ of every image, `[N, 1]`. */
  threshold: Tensor;
}

/** Weights that repeat a grey image in three channels and leave the fourth, there for whole vec4s, at zero: `[4, 1]`. */
export const GREY_TO_CHANNELS: Float32Array<ArrayBuffer> = Float32Array.of(1, 1, 1, 0);

/**
 * The dual-stream encoder (docs/reference/network.md, 2.2 to 2.5).
 *
 * @param images grey images, `[N, H, W]`
 * @param channels {@link GREY_TO_CHANNELS} on the GPU
 */
export function encode(
  pass: Pass,
  configuration: NetworkConfiguration,
  images: Tensor,
  { channels, swin, dropPath }: { channels: Tensor; swin: SwinStage; dropPath?: DropPath },
): Encoded {
  const { parameters } = pass;
  const [count, height, width] = images.shape;
  const n = featureSide(configuration);
  const input = reshape(linear(reshape(images, [images.size, 1]), channels), [count, height, width, 4]);

  const { layer3, layer4 } = resnet(pass, "encoder.backbone", input, resnetPart(configuration));
  const pooled = mean(reshape(layer4, [count, layer4.shape[1] * layer4.shape[2], layer4.shape[3]]), "middle");
  const classes = dense(pass, "encoder.backbone.fc", pooled);
  pass.observe("fc", classes);
  const learnt = dense(pass, "encoder.reduce1d", classes);
  pass.observe("reduce1d", learnt);
  pass.observe("layer3", layer3);
  const reduced = convolution(layer3, parameters.get("encoder.reduce1.weight"), {});
  pass.observe("reduce1", reduced);

  const tokens = swin.forward(pass, "swim", input, dropPath);
  const bias = parameters.get("swim.conv.bias");
  const swinMap = convolution(tokens, parameters.get("swim.conv.weight"), { bias });
  pass.observe("swin", swinMap);
  const resized = resize(swinMap, [n, n], { alignCorners: false });

  // The mean is over the resized map and all channels, a quirk: the Swin stream moves the threshold by a scalar
  // (docs/reference/network.md, 2.3).
  const shift = mean(reshape(resized, [count, n * n * configuration.channels]), "columns");
  const threshold = add(learnt, affine(reshape(shift, [count, 1]), 0.1, 0));
  pass.observe("tau", threshold);
  return { features: gatedFusion(pass, channelAttention(pass, reduced), resized), threshold };
}
