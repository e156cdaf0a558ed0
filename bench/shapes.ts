import { presetConfiguration } from "../experiments/common/presets.ts";
import { DfdtTrainable, Network } from "../src/dfdt/mod.ts";
import { type AskedWork, countMemory, hearWork } from "../src/gpu/mod.ts";
import { Scope, zeros } from "../src/tensor/mod.ts";

/** The networks whose operators are timed. */
export const NETWORKS = ["paper", "tiny"] as const;

/** A product or convolution of one shape. */
export interface NetworkShape {
  /** What it is. */
  readonly work: AskedWork;
  /** How often a training step asks for it, by network. */
  readonly times: Readonly<Record<string, number>>;
}

/** What a training step of a network asks for; nothing is computed. */
export function workOfStep(preset: typeof NETWORKS[number]): AskedWork[] {
  const works: AskedWork[] = [];
  countMemory(() => {
    const configuration = presetConfiguration(preset).network, side = configuration.image;
    using network = new Network(configuration, {});
    const trainable = new DfdtTrainable(network, { seed: 1 });
    using _scope = new Scope();
    const map = () => zeros([side, side]);
    const episode = { supportImage: map(), supportMask: map(), queryImage: map(), queryMask: map() };
    hearWork((work) => works.push(work), () => trainable.step(episode, 1));
  });
  return works;
}

/** Every shape that a training step of some network has, once; those with the most arithmetic in a step first. */
export function networkShapes(): NetworkShape[] {
  const shapes = new Map<string, NetworkShape & { times: Record<string, number> }>();
  for (const network of NETWORKS) {
    for (const work of workOfStep(network)) {
      const key = JSON.stringify([work.operator, work.sizes]);
      const known = shapes.get(key) ?? { work, times: {} };
      known.times[network] = (known.times[network] ?? 0) + 1;
      // an input that is tracked anywhere is timed
      const tracked = work.tracked.map((one, i) => one || known.work.tracked[i]);
      shapes.set(key, { ...known, work: { ...work, tracked } });
    }
  }
  const weight = ({ work, times }: NetworkShape) => multiplyAdds(work) * (times.paper ?? 0) + 1e-9 * multiplyAdds(work);
  return [...shapes.values()].sort((a, b) => weight(b) - weight(a));
}

/** Multiply-adds of the forward pass. */
export function multiplyAdds({ operator, sizes }: AskedWork): number {
  if (operator === "matmul") return sizes.batch * sizes.m * sizes.n * sizes.k;
  const { images, height, width, out, in: input, kernelWidth, taps, stride, padding, dilation } = sizes;
  const extent = (size: number, across: number) =>
    Math.floor((size + 2 * padding - dilation * (across - 1) - 1) / stride) + 1;
  return images * extent(height, taps / kernelWidth) * extent(width, kernelWidth) * out * input * taps;
}

/** What people call it. */
export function nameOf({ operator, sizes }: AskedWork): string {
  if (operator === "matmul") {
    const { batch, m, n, k, transposeA, transposeB } = sizes;
    const mark = (transposed: number) => transposed ? "ᵀ" : "";
    return `matmul ${batch > 1 ? `${batch} × ` : ""}${m}×${k}${mark(transposeA)} by ${k}×${n}${mark(transposeB)}`;
  }
  const { images, height, width, out, in: input, kernelWidth, taps, stride, dilation } = sizes;
  const further = [...(stride > 1 ? [`stride ${stride}`] : []), ...(dilation > 1 ? [`dilation ${dilation}`] : [])];
  const kernel = `${taps / kernelWidth}×${kernelWidth} ${input}→${out}`;
  const plain = `convolution ${kernel} on ${images}×${height}×${width}`; // --only takes commas for itself
  return further.length === 0 ? plain : `${plain} with ${further.join(" and ")}`;
}
