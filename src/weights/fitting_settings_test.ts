import assert from "node:assert/strict";
import { fittingSettings, resnetSizes } from "./fitting_settings.ts";
import type { StoredTensor } from "./safetensors.ts";

function backbone(prefix: string, layers: readonly number[], classes?: number): Map<string, StoredTensor> {
  const tensor = (...shape: number[]): StoredTensor => ({ dtype: "F32", shape, data: new Float32Array(0) });
  const result = new Map([[`${prefix}conv1.weight`, tensor(64, 3, 7, 7)]]);
  for (const [stage, count] of layers.entries()) {
    for (let i = 0; i < count; i++) result.set(`${prefix}layer${stage + 1}.${i}.conv1.weight`, tensor(64, 64, 1, 1));
  }
  if (classes !== undefined) result.set(`${prefix}fc.weight`, tensor(classes, 2048));
  return result;
}

Deno.test("fittingSettings() names the settings under which a file fits, the preset where it is the paper's", () => {
  const settings = (tensors: Map<string, StoredTensor>, kind: "resnet" | "deeplab") =>
    fittingSettings(resnetSizes(tensors, kind)!);
  const paper = "--set network.planes=64 --set network.layers=[3,4,23,3]";
  assert.equal(
    settings(backbone("", [3, 4, 23, 3], 1000), "resnet"),
    `It fits --preset paper, or ${paper} --set network.classes=1000`,
  );
  assert.equal(settings(backbone("backbone.", [3, 4, 23, 3]), "deeplab"), `It fits --preset paper, or ${paper}`);
  assert.equal(
    settings(backbone("", [3, 4, 6, 3], 21), "resnet"),
    "It fits --set network.planes=64 --set network.layers=[3,4,6,3] --set network.classes=21",
  );
  assert.equal(resnetSizes(backbone("", [3, 4, 6]), "resnet"), undefined); // cut off
});
