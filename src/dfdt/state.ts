import { resnetState, type StateEntry, swinState } from "../nn/mod.ts";
import { featureSide, type NetworkConfiguration, resnetPart, swinPart } from "./configuration.ts";

/** Heads of the attention whose result the published code throws away; its parameters are kept for its weight files. */
const UNUSED_HEADS = 3;

/** Taps per side of the two depthwise kernels of the large-kernel attention. */
export const LOCAL_TAPS = 5;
/** See {@link LOCAL_TAPS}. */
export const WIDE_TAPS = 7;

/**
 * The state_dict of a DFDT network under its published names (docs/reference/network.md, 1), modules in published
 * order. `num_batches_tracked` and the constant Swin buffers are not part of it.
 */
export function networkState(configuration: NetworkConfiguration): StateEntry[] {
  const { planes, classes, channels: c, parts: k, embedding } = configuration;
  const n = featureSide(configuration);
  const entries: StateEntry[] = [];
  const add = (name: string, shape: number[], gradient = true) =>
    entries.push({ name, shape, kind: "parameter", gradient });
  const affine = (name: string, shape: number[], gradient = true) => {
    add(`${name}.weight`, shape, gradient);
    add(`${name}.bias`, [shape[0]], gradient);
  };
  entries.push(...resnetState("encoder.backbone", resnetPart(configuration)));
  affine("encoder.backbone.fc", [classes, planes * 32]);
  add("encoder.reduce1.weight", [c, planes * 16, 1, 1]);
  add("encoder.reduce2.weight", [c, planes * 32, 1, 1], false);
  affine("encoder.reduce1d", [1, classes]);
  affine("encoder.convs", [2 * c, c], false);
  entries.push(...swinState("swim", swinPart(configuration)));
  affine("swim.head", [1000, embedding], false);
  affine("swim.conv", [c, embedding, 1, 1]);
  for (const part of ["w_qs", "w_ks", "w_vs"]) affine(`MHA.${part}`, [UNUSED_HEADS * c, c], false);
  affine("MHA.layer_norm", [c], false);
  affine("MHA.fc", [c, UNUSED_HEADS * c], false);
  affine("MLP.mlp.0", [2 * c, c]);
  affine("MLP.mlp.2", [c, 2 * c]);
  affine("MLP.norm", [c]);
  affine("layer_norm", [c]);
  affine("g.fc1", [n, n]);
  affine("g.fc2", [n, n]);
  add("eca.conv1.weight", [c, 2 * c, 1, 1]);
  add("eca.conv.weight", [1, 1, 3]);
  affine("ea.to_query", [k, k]);
  affine("ea.to_key", [k, k]);
  add("ea.w_a", [k, 1]);
  affine("ea.Proj", [k, k]);
  affine("ea.final", [k, k]);
  affine("ea.lka.conv0", [c, 1, LOCAL_TAPS, LOCAL_TAPS]);
  affine("ea.lka.conv_spatial", [c, 1, WIDE_TAPS, WIDE_TAPS]);
  affine("ea.lka.conv1", [c, c, 1, 1]);
  return entries;
}
