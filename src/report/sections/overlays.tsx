import type { ComponentChildren } from "preact";
import type { SlicePicture } from "../cases/slice_picture.ts";
import type { PageData, PageOverlay } from "../page_data.ts";
import { HEAT_GRADIENT } from "../cases/heat.ts";
import { Picture } from "./picture.tsx";
import { Section } from "./section.tsx";
import { percent } from "./words.ts";

/** The best, the median and the worst case and class: support, query, truth, prediction, error, probability. */
export function Overlays({ overlays, tests }: Pick<PageData, "overlays" | "tests">) {
  if (overlays.length === 0) return null;
  const hasProbability = overlays.some(({ probability }) => probability);
  return (
    <Section
      id="overlays"
      title="Best, median and worst"
      note="Of all cases and classes by Dice, each on the slice that shows most of it, cut to the body."
    >
      <p class="legend">
        <span class="key truth">truth, missed</span>
        <span class="key predicted">prediction, in excess</span>
        <span class="key both">both</span>
        {hasProbability && (
          <span class="scale">
            probability 0 <span class="heat" style={{ background: HEAT_GRADIENT }} /> 1
          </span>
        )}
      </p>
      {overlays.map((overlay) => <Row overlay={overlay} isOne={tests.length < 2} />)}
    </Section>
  );
}

function Row({ overlay, isOne }: { overlay: PageOverlay; isOne: boolean }) {
  const { role, id, key, name, dice, support, query, truth, predicted, both, extra, missed, probability } = overlay;
  const about = `${name} in case ${id}`;
  return (
    <div class="overlay" data-case={isOne ? undefined : key}>
      <h3>
        {role[0].toUpperCase() + role.slice(1)}: {about}, Dice {percent(dice)} %, slice {query.slice}
      </h3>
      <div class="tiles" style={{ "--shared": `url(${query.address})` }}>
        {support && (
          <Tile title={`support: case ${support.id}, slice ${support.picture.slice}`} picture={support.picture}>
            <path class="truth" d={support.outline} />
          </Tile>
        )}
        <Tile title="query" picture={query} shared />
        <Tile title="truth" picture={query} shared>
          <path class="truth area" d={truth} />
        </Tile>
        <Tile title="prediction" picture={query} shared>
          <path class="predicted area" d={predicted} />
        </Tile>
        <Tile title="error" picture={query} shared>
          <path class="both fill" d={both} />
          <path class="truth fill" d={missed} />
          <path class="predicted fill" d={extra} />
        </Tile>
        {probability && (
          <Tile title="probability" picture={{ ...query, address: probability }}>
            <path class="truth" d={truth} />
          </Tile>
        )}
      </div>
    </div>
  );
}

function Tile({ title, picture, shared, children }: {
  title: string;
  picture: SlicePicture;
  shared?: boolean;
  children?: ComponentChildren;
}) {
  return (
    <figure>
      <Picture picture={picture} alt={title} shared={shared}>{children}</Picture>
      <figcaption>{title}</figcaption>
    </figure>
  );
}

/** The probability of segmented cases and classes, on the slice with most of it. */
export function Segments({ segments }: Pick<PageData, "segments">) {
  if (segments.length === 0) return null;
  return (
    <Section
      id="probabilities"
      title="Probability"
      note="Each on the slice with most of the mask. The cases are those that the wall begins with, where there are many."
    >
      <p class="legend">
        <span class="key predicted">mask</span>
        <span class="scale">
          0 <span class="heat" style={{ background: HEAT_GRADIENT }} /> 1
        </span>
      </p>
      <div class="tiles">
        {segments.map(({ id, part, name, picture, outline }) => (
          <Tile
            title={`${part ? `${id}, ${part}` : id}, ${name}, slice ${picture.slice}`}
            picture={picture}
          >
            <path class="predicted" d={outline} />
          </Tile>
        ))}
      </div>
    </Section>
  );
}
