import { checkOperator } from "../../src/testing/check_operator.ts";
import { gamma } from "./gamma.ts";

for (const shape of [[1], [7, 5], [13, 11]]) {
  Deno.test(`gamma() agrees with the plain formula, [${shape}]`, () =>
    checkOperator({
      operator: ({ x }) => gamma(x, 0.7),
      reference: ({ x }) => {
        const lowest = Math.min(...x), r = Math.max(...x) - lowest + 1e-5;
        return x.map((value) => r * ((value - lowest + 1e-5) / r) ** 0.7 + lowest);
      },
      shapes: { x: shape },
      constants: ["x"],
    }));
}
