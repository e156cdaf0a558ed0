import { UserError } from "../errors.ts";
import { expect, type FuzzFormat, outcomeOf } from "./format.ts";

/** What readers can do wrong, one thing a number: by it the campaign itself is tested. */
const DEEDS: readonly (() => void | Promise<void>)[] = [
  () => {
    for (;;); // hangs
  },
  () => {
    const held = new Uint8Array(2 ** 30).fill(1);
    while (held[0] === 1); // and hangs
  },
  async () => {
    setTimeout(() => {
      throw new Error("thrown later");
    });
    await new Promise(() => {});
  },
  () => {
    throw "just a text";
  },
  () => expect(false, "a shape"),
  () => {
    throw new UserError("data", "Cannot read: expected this, found that");
  },
];

/** No format: readers that go wrong, for tests. */
export const selfTest: FuzzFormat = {
  seconds: 1,
  seeds: () => Promise.resolve(DEEDS.map((_, i) => Uint8Array.of(i))),
  mutate: (seed) => seed,
  check: ([deed]) => outcomeOf(() => DEEDS[deed]()),
};
