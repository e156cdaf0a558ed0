import { PROTOCOL_MEANING } from "../../inference/protocol.ts";
import { OWN_METHOD, PUBLISHED_CLASSES } from "../../inference/published_results.ts";
import { type Spread, summarize, type Summary } from "../../inference/summary.ts";
import { summaryNotes } from "../../inference/summary_tables.ts";
import type { PageData, PageTest } from "../page_data.ts";
import { Marked } from "./marked.tsx";
import { counted, percent, plusMinus } from "./words.ts";

/** Dice of the run and of both baselines, as mean and deviation where there are several folds. */
interface Verdict {
  run: Pick<Spread, "mean" | "sd">;
  copy: Pick<Spread, "mean" | "sd">;
  interval: Pick<Spread, "mean" | "sd">;
}

function verdictOf(tests: readonly PageTest[], summary: Summary | undefined): Verdict | undefined {
  if (summary) {
    return { run: summary.dice, copy: summary.baselines.copy.dice, interval: summary.baselines.interval.dice };
  }
  if (tests.length === 0) return undefined;
  const [{ scores }] = tests;
  const one = (mean: number | null) => ({ mean, sd: null });
  return {
    run: one(scores.dice),
    copy: one(scores.baselines.copy.dice),
    interval: one(scores.baselines.interval.dice),
  };
}

/** What a reader learns at a glance: mean Dice beside both baselines, and how the two stand to one another. */
export function Verdict({ tests, summary, segmented, trainings, differences, outcome }: PageData) {
  const verdict = verdictOf(tests, summary);
  // the printed rows stand beside a single fold as well
  const compared = summary ?? (tests.length > 0 ? summarize(tests.map(({ scores }) => scores)) : undefined);
  return (
    <section id="verdict" aria-labelledby="verdict-title">
      <h2 id="verdict-title" class="visually-hidden">Verdict</h2>
      {verdict ? <Score verdict={verdict} tests={tests} isSummary={summary !== undefined} /> : (
        <p class="verdict">
          {segmented.length > 0
            ? `${
              counted(segmented.length, "case")
            } segmented. There is no truth to compare with, so there are no scores.`
            : trainings.some(({ log }) => log.steps.length > 0)
            ? "Nothing has been tested yet: there is no score."
            : outcome.state === "done"
            ? "There is no finished case."
            : "There is no result yet."}
        </p>
      )}
      {verdict && segmented.length > 0 && (
        <p>
          {counted(segmented.length, "case")} segmented beside, without a truth to compare with.
        </p>
      )}
      {compared?.comparison && <Printed summary={compared} />}
      {differences.length > 0 && (
        <details class="differences" open={differences.length <= 6}>
          <summary>What differs from the published protocol</summary>
          <ul>{differences.map((line) => <li>{line}</li>)}</ul>
        </details>
      )}
    </section>
  );
}

function Score({ verdict, tests, isSummary }: { verdict: Verdict; tests: readonly PageTest[]; isSummary: boolean }) {
  const { run, copy, interval } = verdict;
  const [{ scores }] = tests;
  const above = [copy, interval].filter(({ mean }) => run.mean !== null && (mean === null || run.mean > mean)).length;
  const classes = Object.keys(scores.classes).length;
  const cases = new Set(
    tests.flatMap(({ scores: { classes } }) => Object.values(classes).flatMap(({ cases }) => Object.keys(cases))),
  ).size;
  const where = isSummary
    ? `over ${counted(tests.length, "fold")}, ${counted(classes, "class", "classes")} and ${counted(cases, "case")}`
    : `over ${counted(classes, "class", "classes")} and ${counted(cases, "case")} of ${tests[0].name}`;
  return (
    <>
      <p class="verdict">
        Mean Dice <strong>{plusMinus(run)} %</strong> {where}:{" "}
        <span class={above === 2 ? "good" : above === 1 ? "doubtful" : "bad"}>
          {run.mean === null
            ? "undefined"
            : above === 2
            ? "above both baselines"
            : above === 1
            ? `above the ${run.mean > (copy.mean ?? -1) ? "copied mask" : "intensity interval"} alone`
            : "above neither baseline"}
        </span>.
      </p>
      <dl class="figures">
        <Figure name="this run" value={run} main />
        <Figure name="copied mask" value={copy} />
        <Figure name="intensity interval" value={interval} />
      </dl>
      <p class="note">
        Setting {scores.setting}, support {scores.supports.join(", ")}, step {scores.step}.{" "}
        <Marked text={PROTOCOL_MEANING[scores.protocol]} /> {isSummary
          ? "Deviations are those of a sample, over the folds."
          : "One fold has no deviation: --fold all gives it."}
      </p>
    </>
  );
}

function Figure({ name, value, main = false }: { name: string; value: Pick<Spread, "mean" | "sd">; main?: boolean }) {
  const share = Math.max(0, Math.min(1, value.mean ?? 0));
  return (
    <div class={main ? "main" : ""}>
      <dt>{name}</dt>
      <dd>
        {plusMinus(value)}
        <span class="bar" aria-hidden="true">
          <span style={{ width: `${100 * share}%` }} />
        </span>
      </dd>
    </div>
  );
}

/** The run beside the printed rows, in the columns of the printed table. */
function Printed({ summary }: { summary: Summary }) {
  const { ours, published } = summary.comparison!;
  const cell = (spread: Spread | null | undefined) => spread ? plusMinus(spread) : "–";
  const NAMES = { run: "this run", copy: "copied mask", interval: "intensity interval" } as const;
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label="This run beside the printed results">
        <table class="plain">
          <caption>Dice in percent, beside what is printed on {summary.dataset} in Setting {summary.setting}</caption>
          <thead>
            <tr>
              <th scope="col">method</th>
              {[...PUBLISHED_CLASSES, "mean"].map((name) => <th scope="col">{name}</th>)}
            </tr>
          </thead>
          <tbody>
            {(["run", "copy", "interval"] as const).map((which) => (
              <tr class={which === "run" ? "main" : ""}>
                <th scope="row">{NAMES[which]}</th>
                {PUBLISHED_CLASSES.map((name) => <td>{cell(ours[which].classes[name])}</td>)}
                <td>{cell(ours[which].mean)}</td>
              </tr>
            ))}
            {published.map(({ method, year, dice, mean, isConsistent, note, source }) => (
              <tr title={source}>
                <th scope="row">
                  {method === OWN_METHOD
                    ? `${method}, as printed`
                    : year === undefined
                    ? method
                    : `${method} (${year})`}
                  {note && " ‡"}
                </th>
                {PUBLISHED_CLASSES.map((name) => <td>{dice[name].toFixed(2)}</td>)}
                <td>{mean.toFixed(2)}{!isConsistent && " †"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="note">
        {summaryNotes(summary).map((line) => (
          <li>
            <Marked text={line} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** The title of a page in a browser. */
export function titleOf({ experiment, tests, summary, segmented, outcome }: PageData): string {
  const verdict = verdictOf(tests, summary);
  const end = verdict
    ? `Dice ${percent(verdict.run.mean)} %`
    : outcome.state !== "done"
    ? outcome.state
    : segmented.length > 0
    ? `${counted(segmented.length, "case")} segmented`
    : "no scores";
  return `${experiment}: ${end}`;
}
