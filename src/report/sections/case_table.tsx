import { type Measure, MEASURES } from "../../inference/protocol.ts";
import { MEASURE_NAMES } from "../../inference/results_tables.ts";
import type { PageCase, PageData, PageRow } from "../page_data.ts";
import { Section } from "./section.tsx";
import { figure, percent } from "./words.ts";

interface Column {
  head: string;
  title?: string;
  isText?: boolean;
  /** For sorting: a number, a text, or nothing where undefined. */
  value(one: PageCase, row: PageRow): number | string | null | undefined;
  /** As it is shown. */
  shown(one: PageCase, row: PageRow): string;
}

/** Every case and class with its figures, to be sorted and filtered. */
export function CaseTable({ cases, segmented, tests }: Pick<PageData, "cases" | "segmented" | "tests">) {
  const all = [...cases, ...segmented];
  const rows = all.flatMap((one) => one.rows.map((row) => ({ one, row })));
  if (rows.length === 0) return null;
  const columns = columnsOf({ cases, segmented, tests }, rows);
  const classes = [...new Set(rows.map(({ row }) => row.name))];
  const parts = [...new Set(all.map(({ part }) => part))].filter((part) => part !== "");
  return (
    <Section
      id="table"
      title="All cases and classes"
      note={cases.length > 0
        ? "Dice and IoU in percent, as scores.json has them. A head sorts; the button in a row opens its worst slice."
        : "A head sorts; the button in a row opens its largest slice."}
    >
      <div class="toolbar" role="search">
        <label>
          Find <input type="search" id="table-find" placeholder="case or class" />
        </label>
        <label>
          Class{" "}
          <select id="table-class">
            <option value="">all</option>
            {classes.map((name) => <option>{name}</option>)}
          </select>
        </label>
        {parts.length > 1 && (
          <label>
            Fold{" "}
            <select id="table-part">
              <option value="">all</option>
              {parts.map((part) => <option>{part}</option>)}
            </select>
          </label>
        )}
        <span id="table-count" role="status">{rows.length} rows</span>
      </div>
      <div class="scroll tall" tabIndex={0} role="region" aria-label="Table of all cases and classes">
        <table id="case-table">
          <thead>
            <tr>
              {columns.map(({ head, title, isText }) => (
                <th scope="col" title={title} class={isText ? undefined : "number"}>
                  <button type="button">{head}</button>
                </th>
              ))}
              <th scope="col">
                <span class="visually-hidden">viewer</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ one, row }) => (
              <tr data-class={row.name} data-part={one.part}>
                {columns.map(({ value, shown, isText }) => (
                  <td class={isText ? undefined : "number"} data-value={value(one, row) ?? ""}>{shown(one, row)}</td>
                ))}
                <td>
                  <button
                    type="button"
                    data-open={one.key}
                    data-slice={row.worst}
                    data-position={row.position}
                    aria-label={`Open case ${one.id}, ${row.name}, slice ${row.worst}`}
                  >
                    slice {row.worst}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function columnsOf(
  { cases, tests }: Pick<PageData, "cases" | "segmented" | "tests">,
  rows: readonly { one: PageCase; row: PageRow }[],
): Column[] {
  const measures: readonly Measure[] = tests.length > 0 ? MEASURES[tests[0].scores.protocol] : [];
  const has = (test: (row: PageRow) => unknown) => rows.some(({ row }) => test(row) !== undefined);
  const ml = (value: number | undefined) => value === undefined ? "–" : value.toFixed(value < 10 ? 2 : 1);
  return [
    { head: "case", isText: true, value: ({ id }) => id, shown: ({ id }) => id },
    ...(cases.some(({ part }) => part !== "")
      ? [{ head: "fold", isText: true, value: ({ part }: PageCase) => part, shown: ({ part }: PageCase) => part }]
      : []),
    { head: "class", isText: true, value: (_, { name }) => name, shown: (_, { name }) => name },
    ...measures.map((measure): Column => ({
      head: MEASURE_NAMES[measure],
      value: (_, { figures }) => figures?.[measure],
      shown: (_, { figures }) => figure(figures?.[measure], measure),
    })),
    ...(has(({ copy }) => copy)
      ? [
        {
          head: "copied",
          title: "Dice of the copied mask",
          value: (_: PageCase, { copy }: PageRow) => copy,
          shown: (_: PageCase, { copy }: PageRow) => percent(copy),
        },
        {
          head: "interval",
          title: "Dice of the intensity interval",
          value: (_: PageCase, { interval }: PageRow) => interval,
          shown: (_: PageCase, { interval }: PageRow) => percent(interval),
        },
      ]
      : []),
    ...(measures.length > 0
      ? [{
        head: "slices",
        title: "Slices that were tested",
        value: (_: PageCase, { figures }: PageRow) => figures?.slices,
        shown: (_: PageCase, { figures }: PageRow) => String(figures?.slices ?? "–"),
      }]
      : []),
    ...(has(({ trueMl }) => trueMl)
      ? [{
        head: "true, ml",
        value: (_: PageCase, { trueMl }: PageRow) => trueMl,
        shown: (_: PageCase, { trueMl }: PageRow) => ml(trueMl),
      }]
      : []),
    {
      head: "predicted, ml",
      value: (_, { predictedMl }) => predictedMl,
      shown: (_, { predictedMl }) => ml(predictedMl),
    },
    ...(has(({ disagreement }) => disagreement)
      ? [{
        head: "disagreement",
        title: "Mean over the mask of the standard deviation of the probability between supports",
        value: (_: PageCase, { disagreement }: PageRow) => disagreement,
        shown: (_: PageCase, { disagreement }: PageRow) => disagreement?.toFixed(3) ?? "–",
      }]
      : []),
  ];
}
