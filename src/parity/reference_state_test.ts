import assert from "node:assert/strict";
import { referenceValues } from "./reference_state.ts";

const origin = { salt: "A", thresholdBias: -12 };

/** Values that docs/reference/network.md, 5.2 prints for salt A. */
const PRINTED: [name: string, shape: number[], values: number[]][] = [
  ["encoder.backbone.conv1.weight", [8, 3, 7, 7], [0.17488065, 0.0011749627, -0.026220039]],
  ["encoder.backbone.bn1.running_var", [8], [1.1136396, 1.0860828]],
  ["encoder.reduce1d.bias", [1], [-11.977141]],
  ["ea.w_a", [10, 1], [-0.72182465, 0.0040083202]],
  ["encoder.backbone.layer1.0.bn3.weight", [32], [0.20584185]],
];

Deno.test("referenceValues() gives the values that docs/reference/network.md, 5.2 prints", () => {
  for (const [name, shape, values] of PRINTED) {
    const found = referenceValues({ name, shape, kind: "parameter", gradient: true }, origin);
    for (const [i, value] of values.entries()) assert.equal(found[i], Math.fround(value), `${name}[${i}]`);
  }
});
