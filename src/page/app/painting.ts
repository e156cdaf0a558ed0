import { type BrushPlace, type BrushStroke, paintLine, putSliceLabels, sliceLabels } from "./brush.ts";
import { isPainted, recount, type SessionScan, sliceLayout } from "./scan.ts";

/** A slice as it was before a step. */
interface Undo {
  scan: SessionScan;
  slice: number;
  labels: Uint8Array;
  examples: Set<number>;
  corrected: Set<number>;
}

/** Steps that can be undone. */
const MOST_UNDO = 60;

/** What is painted by hand, stroke by stroke, and can be undone. */
export class Painting {
  #undo: Undo[] = [];
  #redo: Undo[] = [];
  #stroke: { undo: Undo; changed: boolean } | undefined;

  /** @param onEdit told of every scan on which something changed for good */
  constructor(readonly onEdit: (scan: SessionScan) => void) {}

  /** Whether there is a step to undo. */
  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  /** Whether there is a step to do again. */
  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** Begins a stroke. */
  begin(scan: SessionScan, slice: number): void {
    this.#stroke = { undo: stepOf(scan, slice), changed: false };
  }

  /** Goes on with it. */
  stroke(places: readonly [BrushPlace, BrushPlace], brush: BrushStroke): void {
    const stroke = this.#stroke;
    if (!stroke) return;
    const { scan, slice } = stroke.undo;
    if (paintLine(scan.labels, sliceLayout(scan, slice), places, brush)) stroke.changed = true;
  }

  /** Ends it: before the model has looked, a painted slice is an example; afterwards, a correction. */
  end(): void {
    const stroke = this.#stroke;
    this.#stroke = undefined;
    if (stroke?.changed) this.#done(stroke.undo);
  }

  /** Erases everything on a slice. */
  clear(scan: SessionScan, slice: number): void {
    const step = stepOf(scan, slice), layout = sliceLayout(scan, slice);
    putSliceLabels(scan.labels, layout, new Uint8Array(layout.columns * layout.rows));
    this.#done(step);
  }

  /** Undoes the last step; says where it was. */
  undo(): { scan: SessionScan; slice: number } | undefined {
    return this.#goBack(this.#undo, this.#redo);
  }

  /** Does the step again that was undone last. */
  redo(): { scan: SessionScan; slice: number } | undefined {
    return this.#goBack(this.#redo, this.#undo);
  }

  /** Forgets the steps of a scan, or of all. */
  forget(scan?: SessionScan): void {
    const others = (step: Undo) => scan !== undefined && step.scan !== scan;
    this.#undo = this.#undo.filter(others);
    this.#redo = this.#redo.filter(others);
  }

  #done(step: Undo): void {
    const { scan, slice } = step;
    recount(scan, step.labels, sliceLabels(scan.labels, sliceLayout(scan, slice)));
    this.#undo = [...this.#undo.slice(-MOST_UNDO + 1), step];
    this.#redo = [];
    const painted = isPainted(scan, slice);
    if (scan.examples.has(slice)) {
      if (!painted) scan.examples.delete(slice);
    } else if (scan.result) scan.corrected.add(slice);
    else if (painted) scan.examples.add(slice);
    this.onEdit(scan);
  }

  #goBack(from: Undo[], to: Undo[]): { scan: SessionScan; slice: number } | undefined {
    const step = from.pop();
    if (!step) return undefined;
    const { scan, slice } = step;
    const now = stepOf(scan, slice);
    to.push(now);
    recount(scan, now.labels, step.labels);
    putSliceLabels(scan.labels, sliceLayout(scan, slice), step.labels);
    scan.examples = step.examples;
    scan.corrected = step.corrected;
    this.onEdit(scan);
    return { scan, slice };
  }
}

function stepOf(scan: SessionScan, slice: number): Undo {
  return {
    scan,
    slice,
    labels: sliceLabels(scan.labels, sliceLayout(scan, slice)),
    examples: new Set(scan.examples),
    corrected: new Set(scan.corrected),
  };
}
