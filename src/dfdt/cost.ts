import { bottlenecks } from "../nn/mod.ts";
import { featureSide, type NetworkConfiguration, resnetPart, swinPart } from "./configuration.ts";
import { ROUNDS } from "./pdet.ts";
import { networkState } from "./state.ts";

/** One module of the network and what it costs. */
export interface ModuleCost {
  /** For people. */
  name: string;
  /** Its parameters. */
  parameters: number;
  /** Those of them that no gradient ever reaches. */
  withoutGradient: number;
  /** Multiply-adds of a forward pass; 0 where nothing is computed. */
  multiplyAdds: number;
  /** What the multiply-adds are counted for; an episode has two images. */
  per: "image" | "episode";
}

/** What a network costs (docs/reference/network.md, 8). */
export interface NetworkCost {
  /** All modules, in order. */
  modules: ModuleCost[];
  /** All parameters. */
  parameters: number;
  /** Those of them that no gradient ever reaches. */
  withoutGradient: number;
  /** Numbers that batch norms keep. */
  statistics: number;
  /** Multiply-adds of the encoder for one image. */
  perImage: number;
  /** Multiply-adds of an evaluation of support and query. */
  perEpisode: number;
}

/** Modules by the beginnings of their names; the first that fits. */
const MODULES: readonly [name: string, prefix: RegExp][] = [
  ["conv1, bn1", /^encoder\.backbone\.(conv1|bn1)\./],
  ["layer1", /^encoder\.backbone\.layer1\./],
  ["layer2", /^encoder\.backbone\.layer2\./],
  ["layer3", /^encoder\.backbone\.layer3\./],
  ["layer4", /^encoder\.backbone\.layer4\./],
  ["fc, reduce1d", /^encoder\.(backbone\.fc|reduce1d)\./],
  ["reduce1", /^encoder\.reduce1\./],
  ["reduce2, convs (unused)", /^encoder\.(reduce2|convs)\./],
  ["Swin head (unused)", /^swim\.head\./],
  ["Swin", /^swim\./],
  ["channel attention", /^eca\./],
  ["gate", /^g\./],
  ["PDET", /^(layer_norm|ea|MLP)\./],
  ["MHA (unused)", /^MHA\./],
];

/**
 * Parameters and multiply-adds by module, from the sizes of the network alone. Norms, activations and resampling are not
 * counted; of the unused modules the published code computes only MHA, and we none.
 */
export function networkCost(configuration: NetworkConfiguration): NetworkCost {
  const work = multiplyAdds(configuration);
  const entries = networkState(configuration);
  const modules = MODULES.map(([name]): ModuleCost => {
    const own = entries.filter((entry) => entry.kind === "parameter" && moduleOf(entry.name) === name);
    const total = (list: typeof own) => list.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    return {
      name,
      parameters: total(own),
      withoutGradient: total(own.filter(({ gradient }) => !gradient)),
      multiplyAdds: work.get(name) ?? 0,
      per: name === "PDET" ? "episode" : "image",
    };
  });
  const add = (value: (module: ModuleCost) => number) => modules.reduce((sum, module) => sum + value(module), 0);
  const perImage = add(({ per, multiplyAdds }) => per === "image" ? multiplyAdds : 0);
  const statistics = entries.filter(({ kind }) => kind === "statistic").reduce((sum, { shape }) => sum + shape[0], 0);
  return {
    modules,
    parameters: add(({ parameters }) => parameters),
    withoutGradient: add(({ withoutGradient }) => withoutGradient),
    statistics,
    perImage,
    perEpisode: 2 * perImage + add(({ per, multiplyAdds }) => per === "episode" ? multiplyAdds : 0),
  };
}

function moduleOf(name: string): string | undefined {
  return MODULES.find(([, prefix]) => prefix.test(name))?.[0];
}

function multiplyAdds(configuration: NetworkConfiguration): Map<string, number> {
  const { image, planes, classes, channels: c, parts: k, embedding: e } = configuration;
  const n = featureSide(configuration);
  const work = new Map<string, number>();
  const add = (name: string, count: number) => work.set(name, (work.get(name) ?? 0) + count);

  add("conv1, bn1", Math.ceil(image / 2) ** 2 * planes * 3 * 7 ** 2);
  let side = n;
  for (const { name, input, planes: width, stride, downsample } of bottlenecks(resnetPart(configuration))) {
    const inside = side ** 2;
    side = Math.ceil(side / stride);
    const outside = side ** 2;
    const shortcut = downsample ? outside * input * 4 * width : 0;
    const convolutions = inside * input * width + outside * (9 * width ** 2 + 4 * width ** 2);
    add(name.split(".")[0], convolutions + shortcut);
  }
  add("fc, reduce1d", 32 * planes * classes + classes);
  add("reduce1", n ** 2 * 16 * planes * c);

  const { crop, patch, window, ratio } = swinPart(configuration);
  const tokens = (crop / patch) ** 2;
  const linear = 4 * e ** 2 + 2 * ratio * e ** 2; // qkv and proj, both layers of the MLP
  const attention = 2 * window ** 2 * e; // q·kᵀ and the weights times v, of all heads
  add("Swin", tokens * (3 * patch ** 2 * e + 2 * (linear + attention) + e * c));

  add("channel attention", 2 * c ** 2 + 3 * c);
  add("gate", 2 * c * n * n ** 2);
  const kernels = (5 ** 2 + 7 ** 2) * k * c + k * c ** 2; // of the large-kernel attention, all rows
  add("PDET", ROUNDS * (4 * c * k ** 2 + kernels + 4 * k * c ** 2));
  return work;
}
