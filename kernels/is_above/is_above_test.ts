import { checkOperator } from "../../src/testing/check_operator.ts";
import { isAbove } from "./is_above.ts";

for (const shape of [[3, 7], [1], [66]]) {
  Deno.test(`isAbove() marks what lies above the limit, [${shape}]`, () =>
    checkOperator({
      operator: ({ x }) => isAbove(x, 0.5),
      reference: ({ x }) => x.map((value) => value > 0.5 ? 1 : 0),
      shapes: { x: shape },
      values: { x: (random, i) => i === 0 ? 0.5 : random.normal() },
      constants: ["x"],
    }));
}
