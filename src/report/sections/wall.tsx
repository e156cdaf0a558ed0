import type { PageCase, PageData } from "../page_data.ts";
import { OutlineLegend, Outlines, Picture } from "./picture.tsx";
import { RatingChoice } from "./rating.tsx";
import { Section } from "./section.tsx";
import { counted, percent } from "./words.ts";

/** All cases at a glance, the worst first: each on its slice with most errors. A click opens the viewer there. */
export function Wall({ cases, segmented }: Pick<PageData, "cases" | "segmented">) {
  const all = [...cases, ...segmented];
  const isSorted = segmented.some(({ rows }) => rows.some(({ disagreement }) => disagreement !== undefined));
  const order = isSorted ? "Those first on which the supports disagree most, each" : "Each";
  const ofSegmented = `${order} on the slice with most predicted voxels. A click opens the viewer there.`;
  if (all.length === 0) return null;
  const without = all.filter(({ viewer }) => !viewer).length;
  const coarse = all.filter(({ viewer }) => viewer?.coarseness === 2).length;
  return (
    <Section
      id="cases"
      title="Cases"
      note={cases.length > 0
        ? "Worst first, each on its slice with most wrong voxels. A click opens the viewer there."
        : ofSegmented}
    >
      <div class="toolbar">
        <OutlineLegend hasTruth={cases.length > 0} />
        <span class="grow" />
        <span id="rating-count" role="status" />
        <button type="button" id="export-ratings">Export ratings (CSV)</button>
      </div>
      <Cards cases={cases} />
      {cases.length > 0 && segmented.length > 0 && (
        <>
          <h3>Without a truth</h3>
          <p class="note">{ofSegmented}</p>
        </>
      )}
      <Cards cases={segmented} />
      <p class="note">
        Ratings stay in this browser until they are exported.
        {without > 0 &&
          ` The page is full: the ${
            counted(without, "best case has", "best cases have")
          } no viewer, and opens as a picture of its worst slice.`}
        {coarse > 0 &&
          ` To keep the page below its limit, ${
            counted(coarse, "case is", "cases are")
          } shown at half the resolution in the viewer, the better ones; outlines keep theirs.`}
      </p>
    </Section>
  );
}

function Cards({ cases }: { cases: readonly PageCase[] }) {
  if (cases.length === 0) return null;
  return <ul class={cases.length <= 6 ? "wall few" : "wall"}>{cases.map((one) => <Card one={one} />)}</ul>;
}

function Card({ one }: { one: PageCase }) {
  const { key, id, part, dice, picture, truthOutlines, predictedOutlines, rows } = one;
  const name = part ? `${id}, ${part}` : id;
  const worst = [...rows].filter(({ figures }) => figures?.dice != null)
    .sort((a, b) => a.figures!.dice! - b.figures!.dice!)[0];
  const score = rows.some(({ figures }) => figures) ? `Dice ${percent(dice)} %, ` : "";
  return (
    <li class="card" data-case={key}>
      <button
        type="button"
        data-open={key}
        aria-label={`Case ${name}: ${score}slice ${picture.slice}. Open the viewer`}
      >
        <Picture picture={picture} alt="">
          <Outlines truth={truthOutlines} predicted={predictedOutlines} />
        </Picture>
      </button>
      <p class="caption">
        <span class="name" title={name}>{id}{part && <small>{part}</small>}</span>
        {score ? <span class="score">{percent(dice)}</span> : <span class="score">{volumeOf(one)}</span>}
      </p>
      <p class="caption">
        <small>
          {worst && rows.length > 1 ? `${worst.name} ${percent(worst.figures!.dice)}` : `slice ${picture.slice}`}
        </small>
      </p>
      <p class="caption">
        <RatingChoice of={key} label={`Rating of case ${name}`} />
      </p>
    </li>
  );
}

function volumeOf({ rows }: PageCase): string {
  return `${rows.reduce((sum, { predictedMl }) => sum + predictedMl, 0).toFixed(1)} ml`;
}
