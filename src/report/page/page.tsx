import type { ComponentChildren } from "preact";
import type { PageData } from "../page_data.ts";
import { CaseTable } from "../sections/case_table.tsx";
import { Boxes, Curves, SlicePositions } from "../sections/charts.tsx";
import { Outcome, StateBadge } from "../sections/outcome.tsx";
import { Overlays, Segments } from "../sections/overlays.tsx";
import { ProvenanceSection } from "../sections/provenance.tsx";
import { Sheets } from "../sections/sheets.tsx";
import { titleOf, Verdict } from "../sections/verdict.tsx";
import { Viewer } from "../sections/viewer.tsx";
import { Wall } from "../sections/wall.tsx";
import base from "./base.css" with { type: "text" };
import casesStyle from "./cases.css" with { type: "text" };
import media from "./media.css" with { type: "text" };
import tables from "./tables.css" with { type: "text" };
import viewer from "./viewer.css" with { type: "text" };

/** The rules of all pages; those for small windows and for paper come last. */
const STYLE = [base, casesStyle, tables, viewer, media].join("\n");

/** No page asks anything of anybody: what it shows it holds. The viewer makes addresses of its own, `blob:` and `data:`. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; " +
  "img-src data: blob:; font-src data:; connect-src data: blob:; worker-src blob:; base-uri 'none'; form-action 'none'";

/** Name of the head's entry that says how the run stands. */
export const STATE = "run-state";

/** What every page has: its head, its menu, its end. */
export function Shell({ title, state, head, menu, children }: {
  title: string;
  /** How the run stands that the page shows. */
  state?: string;
  head: ComponentChildren;
  menu: readonly (readonly [id: string, name: string])[];
  children: ComponentChildren;
}) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={CONTENT_SECURITY_POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        {/* else a browser asks the page's server for one */}
        <link rel="icon" href="data:," />
        {state && <meta name={STATE} content={state} />}
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>{head}</header>
        <nav aria-label="Sections">
          <div>
            {menu.map(([id, name]) => <a href={`#${id}`}>{name}</a>)}
            <span class="grow" />
            <button type="button" id="scheme" aria-label="Light or dark">◐</button>
          </div>
        </nav>
        <main id="content">{children}</main>
        <footer>Made by DFDT on Deno. This page holds all that it shows and asks nothing of any server.</footer>
      </body>
    </html>
  );
}

/** The page of a run. */
export function Page(data: PageData) {
  const { experiment, dataset, outcome, cases, segmented, trainings, tests, overlays, segments, sheets } = data;
  const hasCases = cases.length + segmented.length > 0;
  const menu: (readonly [string, string])[] = [
    ["verdict", "Verdict"],
    ...(sheets.length > 0 ? [["sheets", "On the way"] as const] : []),
    ...(hasCases ? [["cases", "Cases"] as const, ["table", "Table"] as const] : []),
    ...(trainings.some(({ log }) => log.steps.length > 0) ? [["curves", "Training"] as const] : []),
    ...(cases.length > 0 ? [["slices", "Slices"] as const, ["boxes", "Classes"] as const] : []),
    ...(overlays.length > 0 ? [["overlays", "Overlays"] as const] : []),
    ...(segments.length > 0 ? [["probabilities", "Probability"] as const] : []),
    ["provenance", "Provenance"],
  ];
  const head = (
    <>
      <h1>{experiment}</h1>
      <StateBadge {...outcome} />
      <p>{[dataset !== experiment && dataset, ...tests.map(({ name }) => name)].filter((word) => word).join(", ")}</p>
    </>
  );
  return (
    <Shell title={titleOf(data)} state={outcome.state} head={head} menu={menu}>
      <Outcome outcome={outcome} />
      <Verdict {...data} />
      <Sheets sheets={sheets} />
      <Wall cases={cases} segmented={segmented} />
      <CaseTable {...data} />
      <Curves trainings={trainings} />
      <SlicePositions cases={cases} />
      <Boxes cases={cases} tests={tests} />
      <Overlays overlays={overlays} tests={tests} />
      <Segments segments={segments} />
      <ProvenanceSection {...data} />
      <Viewer cases={cases} segmented={segmented} />
    </Shell>
  );
}
