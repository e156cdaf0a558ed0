/// <reference lib="dom" />
import type { ModelAbout } from "../protocol.ts";
import { putSliceLabels, sliceLabels } from "./brush.ts";
import { countStructures, type SessionScan, sliceCount, sliceLayout, type Structure } from "./scan.ts";
import { shotsOf } from "./shots.ts";
import { PageFault, type WorkerLine } from "./worker_line.ts";

/** A segmentation under way. */
export interface Running {
  /** Name of the scan. */
  name: string;
  /** Which of how many scans. */
  scan: [number: number, of: number];
  /** Slices so far. */
  slices: [done: number, total: number];
  /** When this scan began, in ms. */
  began: number;
}

/** How a segmentation is asked for. */
export interface Choices {
  /** Keep only the largest piece of each structure. */
  largest: boolean;
  /** Keep probabilities, to be saved. */
  probabilities: boolean;
  /** First and last slice that is looked at, from 1, of the scan that is looked at. */
  from: string;
  /** Last slice. */
  to: string;
}

/** What a segmentation asks of the session, and tells it. */
export interface SegmentingHost {
  readonly line: WorkerLine;
  readonly scans: readonly SessionScan[];
  readonly structures: readonly Structure[];
  readonly current: SessionScan | undefined;
  readonly model: ModelAbout | undefined;
  readonly choices: Choices;
  /** Goes up whenever what the shots are made of may have changed. */
  readonly edits: number;
  changed(): void;
  warn(text: string): void;
  /** A scan has a new mask. */
  segmented(scan: SessionScan): void;
}

/** Segments scans one after the other. */
export class Segmenting {
  /** What is under way. */
  running: Running | undefined;
  #shotsGiven: string | undefined;
  #isCancelled = false;

  constructor(readonly host: SegmentingHost) {}

  /** Segments some scans; those that are done stay so whatever happens to the next one. */
  async segment(scans: readonly SessionScan[]): Promise<void> {
    this.#isCancelled = false;
    try {
      for (const [i, scan] of scans.entries()) {
        if (this.#isCancelled) break;
        const began = performance.now();
        this.running = { name: scan.name, scan: [i + 1, scans.length], slices: [0, sliceCount(scan)], began };
        this.host.changed();
        await this.#giveShots();
        await this.#segmentOne(scan, began);
      }
    } finally {
      this.running = undefined;
      this.host.changed();
    }
  }

  /** Ends it between slices. */
  cancel(): void {
    this.#isCancelled = true;
    this.host.line.ask("cancel", {}).catch(() => {}); // there is nothing to end then
  }

  /** Says that the worker does not have the shots any more. */
  forgetShots(): void {
    this.#shotsGiven = undefined;
  }

  async #giveShots(): Promise<void> {
    const { line, scans, structures, model, edits } = this.host;
    const key = `${edits} ${model!.sha256}`;
    if (this.#shotsGiven === key) return;
    const { missing } = await line.ask("useShots", shotsOf(scans, structures));
    missing.forEach((text) => this.host.warn(text));
    this.#shotsGiven = key;
  }

  async #segmentOne(scan: SessionScan, began: number): Promise<void> {
    const { line, choices: { largest, probabilities }, current, model } = this.host;
    const { volume: query, name } = scan;
    const slices = scan === current ? this.#chosenSlices(scan) : undefined;
    const found = await line.ask("segment", { query, name, slices, largest, probabilities }, {
      onProgress: (done, total) => {
        if (this.running) this.running = { ...this.running, slices: [done, total] };
        this.host.changed();
      },
    });
    const kept = new Set([...scan.examples, ...scan.corrected]);
    for (let slice = 0; slice < sliceCount(scan); slice++) {
      if (kept.has(slice)) continue;
      const layout = sliceLayout(scan, slice);
      putSliceLabels(scan.labels, layout, sliceLabels(found.mask.data as Uint8Array, layout));
    }
    scan.probabilities = found.probabilities.length > 0 ? found.probabilities : undefined;
    scan.result = {
      outside: found.outside,
      seconds: (performance.now() - began) / 1000,
      slices: this.running?.slices[1] ?? 0,
      model: model!.sha256,
    };
    countStructures(scan);
    this.host.segmented(scan);
    if (found.classes.every(({ voxels }) => voxels === 0)) {
      this.host.warn(`Nothing was found in “${name}”. Paint the structure on another slice as well, and press again`);
    }
  }

  #chosenSlices(scan: SessionScan): [number, number] | undefined {
    const { from, to } = this.host.choices, count = sliceCount(scan);
    if (from === "" && to === "") return undefined;
    const first = Number(from || 1), last = Number(to || count);
    if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 1 && first <= last && last <= count)) {
      throw new PageFault(
        "data",
        `Cannot segment slices ${first} to ${last} of “${scan.name}”: expected two of its slices 1 to ${count}, the first ` +
          "not above the last. Change them under “More choices”",
      );
    }
    return [first - 1, last];
  }
}
