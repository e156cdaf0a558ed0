import { convolution, maxPool, relu } from "../../kernels/mod.ts";
import { checkpoint, isRecording, spent, type Tensor } from "../tensor/mod.ts";
import { batchNormalize } from "./layers.ts";
import type { StateEntry } from "./parameters.ts";
import type { Pass } from "./pass.ts";

/** A dilated ResNet of bottlenecks. */
export interface ResnetConfiguration {
  /** Channels after the first convolution; stage s has `planes · 2^(s−1)`, times 4 at its end. */
  planes: number;
  /** Bottlenecks per stage. */
  layers: readonly [number, number, number, number];
}

/** Feature maps of the two stages that are used further. */
export interface ResnetFeatures {
  /** Third stage, `[N, n, n, 16·planes]`. */
  layer3: Tensor;
  /** Fourth stage, `[N, ⌈n/2⌉, ⌈n/2⌉, 32·planes]`. */
  layer4: Tensor;
}

/** One bottleneck of the ResNet. */
export interface Bottleneck {
  /** For example "layer2.0". */
  name: string;
  /** Channels that go in. */
  input: number;
  /** Channels of the middle; four times as many come out. */
  planes: number;
  /** Of the middle convolution and the shortcut. */
  stride: number;
  /** Of the middle convolution. */
  dilation: number;
  /** Whether the shortcut has a convolution. */
  downsample: boolean;
}

/**
 * All bottlenecks in order. Stages 2 and 3 give up their stride for dilation, stage 4 keeps its stride
 * (docs/reference/network.md, 1, a quirk of the published code); the first block of a stage has the dilation of the
 * stage before.
 */
export function bottlenecks({ planes, layers }: ResnetConfiguration): Bottleneck[] {
  const dilations = [1, 1, 2, 4, 4];
  const result: Bottleneck[] = [];
  let input = planes;
  for (let stage = 1; stage <= 4; stage++) {
    const width = planes * 2 ** (stage - 1);
    for (let block = 0; block < layers[stage - 1]; block++) {
      result.push({
        name: `layer${stage}.${block}`,
        input,
        planes: width,
        stride: stage === 4 && block === 0 ? 2 : 1,
        dilation: block === 0 ? dilations[stage - 1] : dilations[stage],
        downsample: block === 0,
      });
      input = width * 4;
    }
  }
  return result;
}

/** State of the ResNet without its classifier, names after `prefix`, in torchvision's order. */
export function resnetState(prefix: string, configuration: ResnetConfiguration): StateEntry[] {
  const entries: StateEntry[] = [];
  const convolutionState = (name: string, shape: number[]) =>
    entries.push({ name: `${prefix}.${name}.weight`, shape, kind: "parameter", gradient: true });
  const normState = (name: string, channels: number) => {
    for (const part of ["weight", "bias"]) {
      entries.push({ name: `${prefix}.${name}.${part}`, shape: [channels], kind: "parameter", gradient: true });
    }
    for (const part of ["running_mean", "running_var"]) {
      entries.push({ name: `${prefix}.${name}.${part}`, shape: [channels], kind: "statistic", gradient: false });
    }
  };
  convolutionState("conv1", [configuration.planes, 3, 7, 7]);
  normState("bn1", configuration.planes);
  for (const { name, input, planes, downsample } of bottlenecks(configuration)) {
    convolutionState(`${name}.conv1`, [planes, input, 1, 1]);
    normState(`${name}.bn1`, planes);
    convolutionState(`${name}.conv2`, [planes, planes, 3, 3]);
    normState(`${name}.bn2`, planes);
    convolutionState(`${name}.conv3`, [planes * 4, planes, 1, 1]);
    normState(`${name}.bn3`, planes * 4);
    if (downsample) {
      convolutionState(`${name}.downsample.0`, [planes * 4, input, 1, 1]);
      normState(`${name}.downsample.1`, planes * 4);
    }
  }
  return entries;
}

/**
 * The dilated ResNet (docs/reference/network.md, 1).
 *
 * @param images `[N, H, W, 4]`: three equal channels and a zero one
 */
export function resnet(pass: Pass, prefix: string, images: Tensor, configuration: ResnetConfiguration): ResnetFeatures {
  const weight = (name: string) => pass.parameters.get(`${prefix}.${name}.weight`);
  let x = convolution(images, weight("conv1"), { stride: 2, padding: 3 });
  pass.observe("conv1", x);
  x = batchNormalize(pass, `${prefix}.bn1`, x);
  pass.observe("bn1", x); // the reference looks at it before its ReLU
  x = relu(x);
  x = maxPool(x, { window: 3, stride: 2, padding: 1 });
  pass.observe("maxpool", x);
  let layer3 = x;
  let inStage = 0;
  for (const part of parts(bottlenecks(configuration), pass.checkpoint ? BLOCKS_PER_CHECKPOINT : 1)) {
    const input = x, [first] = part;
    const stage = Number(first.name[5]);
    inStage = first.downsample ? 0 : inStage + 1;
    if (first.downsample && stage > 1) pass.observe(`layer${stage - 1}`, input);
    if (first.downsample && stage === 4) layer3 = input;
    x = pass.checkpoint
      ? checkpoint(input, (y, again) => part.reduce((z, block) => bottleneck({ ...pass, again }, prefix, z, block), y))
      : bottleneck(pass, prefix, input, first);
    // A block's output follows from that of the block before; every second one is enough to keep.
    if (!first.downsample && (!isRecording() || inStage % 2 === 0)) spent(input);
  }
  pass.observe("layer4", x);
  return { layer3, layer4: x };
}

/** Bottlenecks of a checkpoint: about the root of their number, so that what is kept and what is computed again balance. */
const BLOCKS_PER_CHECKPOINT = 3;

/** Neighbouring bottlenecks of a stage, so many at a time. */
function parts(blocks: readonly Bottleneck[], size: number): Bottleneck[][] {
  const result: Bottleneck[][] = [];
  for (const block of blocks) {
    const last = result.at(-1);
    if (last && last.length < size && !block.downsample) last.push(block);
    else result.push([block]);
  }
  return result;
}

/** What lies between a batch norm and the next convolution is {@link spent}: a fifth of a network's memory. */
function bottleneck(pass: Pass, prefix: string, x: Tensor, block: Bottleneck): Tensor {
  const { name, stride, dilation } = block;
  const weight = (part: string) => pass.parameters.get(`${prefix}.${name}.${part}.weight`);
  const norm = (part: string) => `${prefix}.${name}.${part}`;
  let residual = x;
  if (block.downsample) {
    residual = batchNormalize(pass, norm("downsample.1"), convolution(x, weight("downsample.0"), { stride }));
  }
  const first = batchNormalize(pass, norm("bn1"), convolution(x, weight("conv1"), {}), { relu: true });
  const middle = convolution(first, weight("conv2"), {
    stride,
    dilation,
    padding: dilation,
    winograd: pass.winograd,
  });
  spent(first);
  const second = batchNormalize(pass, norm("bn2"), middle, { relu: true });
  const last = convolution(second, weight("conv3"), {});
  spent(second);
  const y = batchNormalize(pass, norm("bn3"), last, { relu: true, residual });
  if (block.downsample) spent(residual);
  return y;
}
