import type { StoredTensor } from "./safetensors.ts";
import { backboneOf, type WeightKind } from "./weight_map.ts";

/** Sizes of a ResNet that the names and shapes of a file tell. */
export interface ResnetSizes {
  /** Base planes. */
  planes: number;
  /** Bottlenecks of each stage. */
  layers: number[];
  /** Outputs of the classifier, if the file has it. */
  classes?: number;
}

/** The sizes of the ResNet in a file; `undefined` where it has none that is whole. */
export function resnetSizes(tensors: ReadonlyMap<string, StoredTensor>, kind: WeightKind): ResnetSizes | undefined {
  const prefix = backboneOf(kind);
  const shapeOf = (name: string) => tensors.get(`${prefix}${name}`)?.shape;
  const planes = shapeOf("conv1.weight")?.[0];
  const layers = [1, 2, 3, 4].map((stage) => {
    let count = 0;
    while (shapeOf(`layer${stage}.${count}.conv1.weight`)) count++;
    return count;
  });
  if (planes === undefined || layers.includes(0)) return undefined;
  return { planes, layers, classes: shapeOf("fc.weight")?.[0] };
}

/** ResNet-101, of the preset `paper`. */
const PAPER = { planes: 64, layers: "3,4,23,3" };

/** The settings under which a network has the ResNet of a file, as a sentence. */
export function fittingSettings({ planes, layers, classes }: ResnetSizes): string {
  const settings = [
    `--set network.planes=${planes}`,
    `--set network.layers=[${layers}]`,
    ...(classes === undefined ? [] : [`--set network.classes=${classes}`]),
  ].join(" ");
  const isPaper = planes === PAPER.planes && layers.join() === PAPER.layers;
  return isPaper ? `It fits --preset paper, or ${settings}` : `It fits ${settings}`;
}
