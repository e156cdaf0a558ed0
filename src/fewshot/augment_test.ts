import assert from "node:assert/strict";
import { displacement, elastic, gamma, isAbove, uniformNoise, warpAffine } from "../../kernels/mod.ts";
import { openDevice } from "../gpu/mod.ts";
import { Random } from "../random.ts";
import { fromArray, Scope, toArrays } from "../tensor/mod.ts";
import { augment, type EpisodeSlices } from "./augment.ts";
import { affineMatrix, drawAugmentation, inverseMatrix, type Side } from "./augmentation_draws.ts";

const SHAPE = [33, 31], SIZE = 33 * 31;

const OPTIONS = { shift: 1, amplitude: 3, sigma: 2 };

const NAMES = ["supportImage", "supportMask", "queryImage", "queryMask"] as const;

function slices(): EpisodeSlices {
  const random = new Random("slices");
  const image = () => fromArray(Float32Array.from({ length: SIZE }, () => random.normal()), SHAPE);
  const mask = () =>
    fromArray(Float32Array.from({ length: SIZE }, (_, i) => Number(Math.hypot(i % 31 - 15, i / 31 - 16) < 9)), SHAPE);
  return { supportImage: image(), supportMask: mask(), queryImage: image(), queryMask: mask() };
}

for (const [bright, moved] of [["support", "query"], ["query", "support"], ["query", "query"]] as [Side, Side][]) {
  Deno.test(`augment() changes intensities of the ${bright}, then moves the ${moved} with its mask, and nothing else`, async () => {
    await openDevice();
    using _scope = new Scope();
    const drawn = drawAugmentation(new Random("draws"), OPTIONS);
    const draws = { gamma: { ...drawn.gamma, side: bright }, geometry: { ...drawn.geometry, side: moved } };
    const before = slices(), expected = slices();
    // the steps of the fixtures "augmentation", one after the other
    expected[`${bright}Image`] = gamma(expected[`${bright}Image`], draws.gamma.exponent);
    const inverse = inverseMatrix(affineMatrix(draws.geometry.affine, 33, 31));
    const [first, second] = draws.geometry.noiseKeys;
    const dx = displacement(uniformNoise(SHAPE, [first, second]), OPTIONS);
    const dy = displacement(uniformNoise(SHAPE, [first, second ^ 1]), OPTIONS);
    const move = (name: "Image" | "Mask") => elastic(warpAffine(expected[`${moved}${name}`], inverse), dx, dy);
    [expected[`${moved}Image`], expected[`${moved}Mask`]] = [move("Image"), isAbove(move("Mask"), 0.5)];

    const values = (of: EpisodeSlices) => toArrays(NAMES.map((name) => of[name]));
    const [found, wanted, original] = [
      await values(augment(before, draws, OPTIONS)),
      await values(expected),
      await values(slices()),
    ];
    for (const [i, name] of NAMES.entries()) {
      assert.deepEqual(found[i], wanted[i], name);
      const isChanged = name.startsWith(moved) || name === `${bright}Image`;
      assert.equal(found[i].some((value, at) => value !== original[i][at]), isChanged, name);
    }
    const mask = found[NAMES.indexOf(`${moved}Mask`)];
    assert.ok(mask.every((value) => value === 0 || value === 1));
  });
}
