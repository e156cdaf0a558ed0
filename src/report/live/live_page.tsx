import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { CURVES } from "../curves/training_curve.ts";
import base from "../page/base.css" with { type: "text" };
import { dataElement, plainScript } from "../page/scripts.ts";
import script from "./live.client.ts" with { type: "text" };
import style from "./live.css" with { type: "text" };
import scheme from "../client/scheme.client.ts" with { type: "text" };

/** Plots of the page: what each shows. */
const PLOTS: readonly { title: string; keys: readonly string[]; log?: boolean; from0to1?: boolean }[] = [
  { title: "Sum of all losses", keys: ["total"] },
  { title: "Dice of the step's own query", keys: ["episodeDice"], from0to1: true },
  { title: "Losses", keys: ["query", "periphery", "align", "mse", "qry", "boundary", "dice"] },
  { title: "Threshold τ", keys: ["threshold", "queryThreshold"] },
  { title: "Learning rate", keys: ["learningRate"] },
  { title: "Gradient norm", keys: ["gradientNorm"], log: true },
];

/** The page that follows a run. It holds all its scripts; only the state and pictures of the run come from its server. */
export async function livePage(): Promise<string> {
  const text = { with: { type: "text" } } as const;
  const { default: uplot } = await import("../../../node_modules/uplot/dist/uPlot.iife.min.js", text);
  const { default: uplotStyle } = await import("../../../node_modules/uplot/dist/uPlot.min.css", text);
  const page = renderToString(h(LivePage, { style: [base, uplotStyle, style].join("\n") }));
  const names = Object.fromEntries(CURVES.map(({ key, title }) => [key, title]));
  return [
    "<!doctype html>",
    page.slice(0, page.lastIndexOf("</body>")),
    dataElement("plots", { plots: PLOTS, names }),
    `<script>${uplot}</script>`,
    `<script type="module">${plainScript(scheme)}</script>`,
    `<script type="module">${plainScript(script)}</script>`,
    "</body></html>\n",
  ].join("");
}

function LivePage({ style }: { style: string }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>A run</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <header>
          <h1 id="experiment">A run</h1>
          <span class="badge running" id="state">connecting</span>
          <p id="heard" role="status" />
          <span class="grow" />
          <button type="button" id="scheme" aria-label="Light or dark">◐</button>
        </header>
        <main>
          <div class="banner" id="banner" role="note" hidden />
          <section aria-labelledby="now-title">
            <h2 id="now-title" class="visually-hidden">Now</h2>
            <p id="now" class="verdict" />
            <progress id="progress" max="1" value="0" aria-label="Progress of the stage" />
          </section>
          <div class="live">
            <section aria-labelledby="stages-title">
              <h2 id="stages-title">Stages</h2>
              <ol id="stages" />
            </section>
            <section aria-labelledby="picture-title">
              <h2 id="picture-title">Last picture</h2>
              <figure>
                <img id="picture" alt="" hidden />
                <figcaption id="picture-name">none yet</figcaption>
              </figure>
            </section>
          </div>
          <section aria-labelledby="curves-title">
            <h2 id="curves-title">Training</h2>
            <p>
              <label id="which" hidden>
                of <select id="training" />
              </label>
            </p>
            <p class="note" id="no-curves">No step yet.</p>
            <div class="plots" id="curves" />
          </section>
          <section aria-labelledby="warnings-title" id="warning-section" hidden>
            <h2 id="warnings-title">Warnings</h2>
            <ul id="warnings" />
          </section>
          <p class="note">
            <code id="command" />
          </p>
        </main>
      </body>
    </html>
  );
}
