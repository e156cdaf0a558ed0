import * as Plot from "@observablehq/plot";
import { PLOT_COLOURS, svgPlot } from "../src/report/plots/svg.ts";
import type { BenchRow } from "./measure.ts";
import { byOperator } from "./ops_tables.ts";
import { ratiosOf } from "./ratios.ts";

/** Operators that are shown: those on which a training step of the first network spends the most. */
const SHOWN = 16;

const PASSES = ["forward", "gradient of x", "gradient of the weights"];

/** As a picture in a page it is drawn on the reader's own ground, light or dark. */
const STYLE = "<style>svg{color:#1f2328;font-family:system-ui,sans-serif}" +
  "@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>";

/** The time of an operator's passes by PyTorch's, as the text of an SVG. */
export function opsChart(rows: readonly BenchRow[]): string {
  const spent = (passes: readonly (BenchRow | undefined)[]) =>
    passes.reduce((sum, row) => sum + (row?.times?.paper ?? 0) * (row?.ours_ms ?? 0), 0);
  const operators = byOperator(rows).filter(({ passes }) => passes[0]?.times?.paper)
    .sort((a, b) => spent(b.passes) - spent(a.passes)).slice(0, SHOWN);
  const points = operators.flatMap(({ name, passes }) =>
    passes.flatMap((row, i) => {
      const { processor, clock } = row ? ratiosOf(row) : {}, ratio = processor ?? clock;
      return ratio === undefined ? [] : [{ operator: name.replace(/^convolution /, ""), pass: PASSES[i], ratio }];
    })
  );
  const svg = svgPlot({
    width: 760,
    height: 80 + 22 * operators.length,
    marginLeft: 300,
    marginRight: 20,
    marginTop: 34,
    marginBottom: 30,
    x: {
      type: "log",
      label: "processor time, ours / the faster PyTorch",
      labelAnchor: "right",
      grid: true,
      axis: "top",
    },
    y: { label: null, domain: operators.map(({ name }) => name.replace(/^convolution /, "")) },
    color: { domain: PASSES, range: PLOT_COLOURS.slice(0, PASSES.length) },
    marks: [
      Plot.ruleX([1]),
      Plot.dot(points, { x: "ratio", y: "operator", fill: "pass", r: 4.5 }),
      ...PASSES.map((pass, i) =>
        Plot.text([pass], {
          ...{ frameAnchor: "bottom-left", text: () => `● ${pass}`, fill: PLOT_COLOURS[i] },
          ...{ dx: [0, 90, 210][i], dy: 22 }, // below the dots, side by side
        })
      ),
    ],
  }, `${operators.length} operators: processor time by that of the faster PyTorch`);
  return svg.replace(/^<svg([^>]*)>/, `<svg xmlns="http://www.w3.org/2000/svg"$1>${STYLE}`) + "\n";
}
