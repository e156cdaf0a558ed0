import assert from "node:assert/strict";
import { networkCost } from "./cost.ts";

const FULL = {
  ...{ image: 257, planes: 64, layers: [3, 4, 23, 3] as [number, number, number, number], classes: 1000 },
  ...{ channels: 512, parts: 100, embedding: 96 },
};
const SMALL = {
  ...{ image: 65, planes: 8, layers: [1, 2, 2, 1] as [number, number, number, number], classes: 40 },
  ...{ channels: 32, parts: 10, embedding: 24 },
};

Deno.test("networkCost() counts the parameters of docs/reference/network.md, 8", () => {
  const count = ({ parameters, withoutGradient }: ReturnType<typeof networkCost>) => [parameters, withoutGradient];
  assert.deepEqual(count(networkCost(FULL)), [52_104_090, 4_822_760]);
  assert.deepEqual(count(networkCost(SMALL)), [241_912, 47_976]);
  assert.equal(networkCost({ ...SMALL, image: 64 }).parameters, 241_844);
});

/** The table of docs/reference/network.md, 8: parameters, and multiply-adds in G as printed. */
const TABLE: Record<string, [parameters: number, work: number, digits: number]> = {
  "conv1, bn1": [9_536, 0.16, 2],
  "layer1": [215_808, 0.90, 2],
  "layer2": [1_219_584, 5.12, 2],
  "layer3": [26_090_496, 109.93, 2],
  "layer4": [14_964_736, 17.92, 2],
  "fc, reduce1d": [2_050_001, 0.002, 3],
  "reduce1": [524_288, 2.22, 2],
  "reduce2, convs (unused)": [1_573_888, 0, 2],
  "Swin head (unused)": [97_000, 0, 2],
  "Swin": [279_782, 1.23, 2],
  "PDET": [1_024 + 342_068 + 1_051_136, 0.47, 2],
  "MHA (unused)": [3_151_872, 0, 2],
};

Deno.test("networkCost() gives every module what the table of docs/reference/network.md, 8 says", () => {
  const { modules, perImage, perEpisode } = networkCost(FULL);
  for (const { name, parameters, multiplyAdds } of modules) {
    const [expected, work, digits] = TABLE[name] ?? [];
    if (expected === undefined) continue;
    assert.equal(parameters, expected, name);
    assert.equal((multiplyAdds / 1e9).toFixed(digits), work.toFixed(digits), name);
  }
  const [attention, gate] = ["channel attention", "gate"].map((name) =>
    modules.find((module) => module.name === name)!
  );
  assert.deepEqual([attention.parameters, gate.parameters], [524_291, 8_580]);
  assert.equal(((attention.multiplyAdds + gate.multiplyAdds) / 1e9).toFixed(2), "0.28");
  assert.deepEqual(modules.map(({ name }) => name).filter((name) => !TABLE[name]), ["channel attention", "gate"]);
  assert.equal((perImage / 1e9).toFixed(1), "137.7");
  assert.equal((perEpisode / 1e9).toFixed(1), "276.0");
});
