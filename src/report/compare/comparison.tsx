import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import * as Plot from "@observablehq/plot";
import { type Measure, MEASURES } from "../../inference/protocol.ts";
import { MEASURE_NAMES } from "../../inference/results_tables.ts";
import { Shell } from "../page/page.tsx";
import { scriptElement } from "../page/scripts.ts";
import { curvePlots } from "../plots/curve_plots.ts";
import { PLOT_COLOURS, svgPlot } from "../plots/svg.ts";
import { Section, Svg } from "../sections/section.tsx";
import { figure, listed, plusMinus } from "../sections/words.ts";
import type { ComparedRun } from "./compared_run.ts";
import { byCase, type Difference, pairedDifference } from "./paired.ts";
import { differingSettings } from "./settings.ts";

/** The difference of a run to the first one, in a class or in their mean. */
interface Row {
  run: ComparedRun;
  /** Name of the class, or "mean". */
  name: string;
  differences: Partial<Record<Measure, Difference>>;
}

/** The page of several runs side by side, whole. */
export function comparisonPage(runs: readonly ComparedRun[]): string {
  const page = renderToString(h(Comparison, { runs }));
  return `<!doctype html>${page.slice(0, page.lastIndexOf("</body>"))}${scriptElement("scheme")}</body></html>\n`;
}

function Comparison({ runs }: { runs: readonly ComparedRun[] }) {
  const tested = runs.filter(({ tests }) => tests.length > 0);
  const [first, ...others] = tested;
  const measures = first ? MEASURES[first.tests[0].protocol] : [];
  const comparable = others.filter(({ tests }) => tests[0].protocol === first.tests[0].protocol);
  const rows = comparable.flatMap((run) => rowsOf(first, run, measures));
  // a run of which no record was kept says nothing of its configuration, which is not to say that it had none
  const isConfigured = runs.every(({ configuration }) => configuration);
  const settings = differingSettings(
    runs.map((run) => ({ ...run.settings, ...(isConfigured ? run.configuration : {}) })),
  );
  const logs = runs.flatMap((run) => run.logs);
  const menu: (readonly [string, string])[] = [
    ["runs", "Runs"],
    ...(rows.length > 0 ? [["differences", "Differences"] as const] : []),
    ...(settings.length > 0 ? [["settings", "Settings"] as const] : []),
    ...(logs.length > 0 ? [["curves", "Training"] as const] : []),
  ];
  return (
    <Shell title={`${runs.length} runs side by side`} head={<h1>{runs.length} runs side by side</h1>} menu={menu}>
      <Runs runs={runs} />
      {rows.length > 0 && <Differences first={first} rows={rows} measures={measures} />}
      {others.length > comparable.length && (
        <p class="note">
          Not compared with {first.name}, since the protocol is another one:{" "}
          {listed(others.filter((run) => !comparable.includes(run)).map(({ name }) => name))}.
        </p>
      )}
      <Settings runs={runs} settings={settings} />
      {logs.length > 0 && (
        <Section id="curves" title="Training" note="By step, on one axis; bold the means of a twentieth of the curve.">
          <p class="legend">
            {logs.map(({ name }, i) => (
              <span class="key" style={{ "--key": PLOT_COLOURS[i % PLOT_COLOURS.length] }}>{name}</span>
            ))}
          </p>
          <div class="plots">
            {curvePlots(logs).map(({ title, svg }) => (
              <figure>
                <figcaption>{title}</figcaption>
                <Svg text={svg} />
              </figure>
            ))}
          </div>
        </Section>
      )}
    </Shell>
  );
}

function Runs({ runs }: { runs: readonly ComparedRun[] }) {
  const measures = (["dice", "iou", "hd95Mm", "assdMm"] as const).filter((one) =>
    runs.some(({ figures }) => figures[one])
  );
  const baseline = ({ tests }: ComparedRun, which: "copy" | "interval") => {
    const values = tests.flatMap(({ baselines }) => baselines[which].dice ?? []);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return (
    <Section id="runs" title="Runs" note="Mean and standard deviation (of a sample) over the folds.">
      <div class="scroll" tabIndex={0} role="region" aria-label="Runs">
        <table class="plain">
          <thead>
            <tr>
              {[
                "run",
                "folder",
                "state",
                "folds",
                ...measures.map((one) => MEASURE_NAMES[one]),
                "copied mask, Dice",
                "interval, Dice",
              ]
                .map((head) => <th scope="col" class={TEXTS.has(head) ? "text" : undefined}>{head}</th>)}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr>
                <th scope="row">{run.name}</th>
                <td class="text">
                  <code>{run.folder}</code>
                </td>
                <td class="text">
                  {run.state === "unfinished" ? "not finished" : run.state === "done" ? "finished" : run.state}
                </td>
                <td>{run.tests.map(({ fold }) => fold).join(", ") || "–"}</td>
                {measures.map((measure) => {
                  const spread = run.figures[measure];
                  const isShare = measure === "dice" || measure === "iou";
                  return <td>{!spread ? "–" : isShare ? plusMinus(spread) : figure(spread.mean, measure)}</td>;
                })}
                <td>{figure(baseline(run, "copy"), "dice")}</td>
                <td>{figure(baseline(run, "interval"), "dice")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

const TEXTS = new Set(["run", "folder", "state"]);

function rowsOf(first: ComparedRun, run: ComparedRun, measures: readonly Measure[]): Row[] {
  const names = Object.keys(first.tests[0].classes).filter((name) => run.tests.some(({ classes }) => name in classes));
  const isAll = names.length === Object.keys(first.tests[0].classes).length &&
    names.length === Object.keys(run.tests[0].classes).length;
  const row = (name: string, of: string | undefined): Row => ({
    ...{ run, name },
    differences: Object.fromEntries(measures.map((measure) => [
      measure,
      pairedDifference(byCase(first.tests, measure, of), byCase(run.tests, measure, of)),
    ])),
  });
  // a mean of other classes would be the difference of two things
  return [...(isAll ? [row("mean", undefined)] : []), ...names.map((name) => row(name, name))];
}

function Differences(
  { first, rows, measures }: { first: ComparedRun; rows: readonly Row[]; measures: readonly Measure[] },
) {
  return (
    <Section
      id="differences"
      title={`Differences to ${first.name}`}
      note={`Of the cases that both runs tested, pair by pair: mean over the cases of the other run's value less that of ` +
        `${first.name}; in brackets where that mean lies with 95 % (bootstrap over cases, 10,000 resamples, from five cases on). ` +
        "Dice and IoU in percentage points."}
    >
      {rows.some(({ differences: { dice } }) => dice?.mean != null) && (
        <Svg text={forestPlot(rows)} class="wide scroll" />
      )}
      <div class="scroll tall" tabIndex={0} role="region" aria-label="Differences of scores">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">run</th>
              <th scope="col" class="text">class</th>
              <th scope="col">cases</th>
              {measures.map((measure) => <th scope="col">{MEASURE_NAMES[measure]}</th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ run, name, differences }) => (
              <tr class={name === "mean" ? "main" : ""}>
                <th scope="row">{run.name} − {first.name}</th>
                <td class="text">{name}</td>
                <td>{differences.dice?.cases ?? 0}</td>
                {measures.map((measure) => <td>{inWords(differences[measure]!, measure)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function inWords({ mean, interval }: Difference, measure: Measure): string {
  if (mean === null) return "–";
  const signed = (value: number) => `${value < 0 ? "−" : "+"}${figure(Math.abs(value), measure)}`;
  return interval ? `${signed(mean)} [${signed(interval[0])}, ${signed(interval[1])}]` : signed(mean);
}

/** Differences of Dice with their intervals: what does not touch zero differs. */
function forestPlot(rows: readonly Row[]): string {
  const runs = [...new Set(rows.map(({ run }) => run.name))];
  const points = rows.flatMap(({ run, name, differences: { dice } }) =>
    dice?.mean == null
      ? []
      : [{ run: run.name, name, mean: dice.mean, low: dice.interval?.[0], high: dice.interval?.[1] }]
  );
  const names = [...new Set(points.map(({ name }) => name))];
  return svgPlot({
    width: 760,
    height: 60 + 26 * names.length * runs.length + 10 * names.length,
    marginLeft: 150,
    marginBottom: 42,
    x: { label: "difference of Dice", grid: true, nice: true },
    y: { axis: null, domain: runs },
    fy: { domain: names, label: null, axis: "left", padding: 0.2 },
    color: { domain: runs, range: [...PLOT_COLOURS], legend: false },
    marks: [
      Plot.ruleX([0], { strokeOpacity: 0.6 }),
      Plot.ruleY(points.filter(({ low }) => low !== undefined), {
        x1: "low",
        x2: "high",
        y: "run",
        fy: "name",
        stroke: "run",
        strokeWidth: 2,
      }),
      Plot.dot(points, { x: "mean", y: "run", fy: "name", fill: "run", r: 4 }),
      Plot.text(points, { x: "mean", y: "run", fy: "name", text: "run", dy: -9 }),
    ],
  }, `Differences of Dice: ${points.map(({ run, name, mean }) => `${run}, ${name}: ${mean.toFixed(3)}`).join("; ")}`);
}

function Settings(
  { runs, settings }: { runs: readonly ComparedRun[]; settings: ReturnType<typeof differingSettings> },
) {
  if (settings.length === 0) {
    return <p class="note">The runs were made with the same settings.</p>;
  }
  return (
    <Section id="settings" title="Settings" note="Those in which the runs differ.">
      <div class="scroll tall" tabIndex={0} role="region" aria-label="Settings in which the runs differ">
        <table class="plain words">
          <thead>
            <tr>
              <th scope="col">setting</th>
              {runs.map(({ name }) => <th scope="col">{name}</th>)}
            </tr>
          </thead>
          <tbody>
            {settings.map(({ path, values }) => (
              <tr>
                <th scope="row">
                  <code>{path}</code>
                </th>
                {values.map((value) => <td>{value ?? "–"}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
