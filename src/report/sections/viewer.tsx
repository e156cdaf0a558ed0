import type { PageData } from "../page_data.ts";
import { RatingChoice } from "./rating.tsx";

/** The viewer, which a click on a case opens: volume, truth and prediction in three planes. */
export function Viewer({ cases, segmented }: Pick<PageData, "cases" | "segmented">) {
  if (cases.length + segmented.length === 0) return null;
  return (
    <dialog id="viewer" aria-labelledby="viewer-title">
      <header>
        <h2 id="viewer-title">Viewer</h2>
        <span class="grow" />
        <button type="button" id="viewer-previous" aria-label="Previous case, worse">‹</button>
        <button type="button" id="viewer-next" aria-label="Next case, better">›</button>
        <button type="button" id="viewer-close" aria-label="Close the viewer">✕</button>
      </header>
      <div class="viewer-body">
        <div class="stage">
          <div id="viewer-stage">
            <canvas
              id="viewer-canvas"
              tabIndex={0}
              aria-label="Volume in three planes; its slices move by wheel or arrow keys"
            />
          </div>
          <div id="viewer-picture" hidden />
          <p id="viewer-state" role="status" />
        </div>
        <div class="controls">
          <label>
            Class <select id="viewer-class" />
          </label>
          <label class="check">
            <input type="checkbox" id="viewer-truth" checked /> <span class="key truth">truth</span>
          </label>
          <label class="check">
            <input type="checkbox" id="viewer-predicted" checked /> <span class="key predicted">prediction</span>
          </label>
          <label class="check">
            <input type="checkbox" id="viewer-outline" /> outlines only
          </label>
          <label>
            Opacity <input type="range" id="viewer-opacity" min="0" max="100" value="45" />
          </label>
          <div id="viewer-rows" class="scroll" tabIndex={0} role="region" aria-label="Classes of this case" />
          <label>
            Rating <RatingChoice of="" label="Rating of this case" />
          </label>
          <label>
            Note <textarea id="viewer-note" rows={2} />
          </label>
          <p class="note">
            Wheel or ↑ ↓ move through slices, n and p go to the next and the previous case, Esc closes.
          </p>
        </div>
      </div>
    </dialog>
  );
}
