import type { Figures } from "../inference/protocol.ts";
import type { Scores } from "../inference/results.ts";
import type { Summary } from "../inference/summary.ts";
import type { SlicePoint } from "./cases/case_analysis.ts";
import type { SlicePicture } from "./cases/slice_picture.ts";
import type { ViewerCase } from "./cases/viewer_volume.ts";
import type { NamedLog } from "./plots/curve_plots.ts";

/** All that a page shows of a run. */
export interface PageData {
  /** Name of the experiment. */
  experiment: string;
  /** Name of the data set. */
  dataset: string;
  /** Tells this run's ratings from those of others in a browser: follows from what was tested. */
  identity: string;
  /** How it stands with the run. */
  outcome: PageOutcome;
  /** What differs from the published protocol, a sentence each. */
  differences: readonly string[];
  /** What was tested, a part a fold. */
  tests: readonly PageTest[];
  /** The cases of all folds, the worst first. */
  cases: readonly PageCase[];
  /** The best, the median and the worst case and class. */
  overlays: readonly PageOverlay[];
  /** All folds together. */
  summary?: Summary;
  /** Logs of the trainings, and how many steps are planned. */
  trainings: readonly (NamedLog & { planned: number })[];
  /** Cases that were segmented without a truth to compare with. */
  segmented: readonly PageCase[];
  /** Their probabilities. */
  segments: readonly PageSegment[];
  /** Pictures from on the way, of a run that shows no cases. */
  sheets: readonly PageSheet[];
  /** Where all this comes from. */
  provenance: Provenance;
}

/** How it stands with a run. */
export interface PageOutcome {
  /** Whether it came to its end. */
  state: "done" | "failed" | "interrupted" | "running" | "unfinished";
  /** What it ended with. */
  message?: string;
}

/** What was tested on one fold. */
export interface PageTest {
  /** For example "fold 2". */
  name: string;
  /** Its `scores.json`. */
  scores: Scores;
}

/** A case that was tested or segmented. */
export interface PageCase {
  /** Unique on the page. */
  key: string;
  /** Its id. */
  id: string;
  /** The fold it was tested in. */
  part: string;
  /** Mean Dice over its classes; `null` where none is defined, and without a truth. */
  dice: number | null;
  /** Number of its slices. */
  slices: number;
  /** The slice with most wrong voxels. */
  worst: number;
  /** That slice, small. */
  picture: SlicePicture;
  /** Outlines of the truth on it; nothing without one. */
  truthOutlines: string;
  /** Outlines of the prediction on it. */
  predictedOutlines: string;
  /** By class. */
  rows: readonly PageRow[];
  /** What the viewer loads; none where the page has no room for it. */
  viewer?: ViewerCase;
  /** Whether slices are numbered along left–right (0), posterior–anterior (1) or foot–head (2). */
  sliceAxis: 0 | 1 | 2;
}

/** A class in a case. */
export interface PageRow {
  /** Name of the class. */
  name: string;
  /** Position of the class in label maps of the viewer, from 1. */
  position: number;
  /** Its scores, as `scores.json` has them; none without a truth. */
  figures?: Figures & { slices: number };
  /** Dice of the baselines, where `cases.csv` has them. */
  copy?: number | null;
  /** Of the intensity interval. */
  interval?: number | null;
  /** The slice with most wrong voxels of the class. */
  worst: number;
  /** Volumes in millilitres. */
  trueMl?: number;
  /** Of the prediction. */
  predictedMl: number;
  /** Standard deviation of the probability between supports, where it is known. */
  disagreement?: number;
  /** Dice of slices by where they lie in the organ. */
  positions: readonly SlicePoint[];
}

/** A case and class, tile by tile. */
export interface PageOverlay {
  /** Why it is shown. */
  role: "best" | "median" | "worst";
  /** Key of the case. */
  key: string;
  /** Id of the case. */
  id: string;
  /** Name of the class. */
  name: string;
  /** Its Dice. */
  dice: number | null;
  /** The support slice that served. */
  support?: { id: string; picture: SlicePicture; outline: string };
  /** The query slice that shows most of the class. */
  query: SlicePicture;
  /** Outlines on the query slice. */
  truth: string;
  /** Of the prediction. */
  predicted: string;
  /** Areas of the query slice: in both, in the prediction alone, in the truth alone. */
  both: string;
  /** In the prediction alone. */
  extra: string;
  /** In the truth alone. */
  missed: string;
  /** The foreground probability in colours, where it is known. */
  probability?: string;
}

/** The probability of a class in a segmented case, on the slice with most of it. */
export interface PageSegment {
  /** Key of the case. */
  key: string;
  /** Id of the case. */
  id: string;
  /** Name of the class. */
  name: string;
  /** The fold whose model segmented it; empty where there is one model alone. */
  part: string;
  /** The probability on the slice, in colours. */
  picture: SlicePicture;
  /** Outline of the mask there. */
  outline: string;
}

/** A picture from on the way. */
export interface PageSheet {
  /** What it shows. */
  title: string;
  /** PNG as an address of its own. */
  address: string;
}

/** Where a page comes from. */
export interface Provenance {
  /** The command as it was typed. */
  command?: string;
  /** The folder it was typed in. */
  folder?: string;
  /** When it began and ended, ISO 8601. */
  startTime?: string;
  /** When it ended. */
  endTime?: string;
  /** The machine. */
  host?: string;
  /** Versions of Deno, of the project and of the adapter. */
  versions: Readonly<Record<string, string>>;
  /** Seed of everything random. */
  seed?: number;
  /** The resolved configuration, by part. */
  configuration?: unknown;
  /** Its stages. */
  stages: readonly ProvenanceStage[];
  /** What needed attention. */
  warnings: readonly string[];
  /** Of scans that `segment` segmented, their absolute paths by case, by which the page can be made again. */
  scans?: Readonly<Record<string, string>>;
}

/** A stage of a run. */
export interface ProvenanceStage {
  /** Name, with its part. */
  name: string;
  /** Key of its artifact, where known. */
  key?: string;
  /** Made in this run, taken as it was, or what else became of it. */
  state: string;
  /** Seconds that making it took. */
  seconds?: number;
}
