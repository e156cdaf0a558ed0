import type { Grid } from "../imaging/geometry.ts";
import type { WrittenGrid } from "../imaging/io/nifti_header.ts";
import type { Volume, VoxelArray } from "../imaging/volume.ts";
import type { SegmentedClass } from "../model/mask_of_classes.ts";
import type { ModelClass } from "../model/model_facts.ts";
import type { LabelledScan } from "../model/support_set.ts";

/** A file that a user gave, which stays on the disk until it is read. */
export interface PageFile {
  /** Its path below what was dropped. */
  path: string;
  /** What it holds. */
  content: Blob;
}

/** A scan as it was read. */
export interface ReadScan {
  /** For people. */
  name: string;
  /** What it was read from; it can be saved in the same form. */
  kind: "nifti" | "dicom";
  /** Its voxels, as they are in the file. */
  volume: Volume;
  /** Its lowest and its highest intensity, in an array of its voxels' type. */
  extremes: VoxelArray;
  /** What the header of a NIfTI file says of the grid, which its masks say again. */
  written?: WrittenGrid;
  /** Paths of the files that it was read from. */
  paths: string[];
  /** What is odd about it, for people. */
  warnings: string[];
}

/** What a model says of itself. */
export interface ModelAbout {
  /** For people. */
  name: string;
  /** Of its file. */
  sha256: string;
  /** Classes of the data set that it was trained on. */
  classes: readonly ModelClass[];
  /** Experiment that it was trained in. */
  experiment: string;
  /** Side of its slices in voxels. */
  side: number;
  /** The window of HU that its intensities go through, if they do. */
  windowHU?: readonly [lower: number, upper: number];
  /** What computes. */
  adapter: string;
}

/** How a scan lies to the model. */
export interface ScanFit {
  /** Axis of the scan's voxels along which the model's slices are. */
  sliceAxis: 0 | 1 | 2;
  /** What speaks against a good result, for people. */
  warnings: string[];
}

/** What is found in a scan. */
export interface Found {
  /** Values of the structures on the scan's own grid. */
  mask: Volume;
  /** What was found of every structure. */
  classes: SegmentedClass[];
  /** Share of the voxels that the model did not see. */
  outside: number;
  /** Probabilities on the scan's own grid, by value, where they were asked for. */
  probabilities: { value: number; data: Float32Array<ArrayBuffer> }[];
}

/** What the page asks of the worker, and what it answers: functions of one argument, by name. */
export interface Calls {
  /** Makes the network of a model's file; the one before is freed. */
  openModel(ask: { bytes: Uint8Array<ArrayBuffer>; name: string; sha256?: string }): ModelAbout;
  /** Reads files, whatever they are: every NIfTI file and every DICOM series is a scan. */
  readScans(ask: { files: PageFile[] }): { scans: ReadScan[]; problems: string[] };
  /** Reads a label file that lies on a scan. */
  readLabels(ask: { file: PageFile; image: Grid }): { data: Volume["data"]; warnings: string[] };
  /** Makes synthetic scans to try the page on. */
  makePhantoms(ask: Record<never, never>): { files: PageFile[]; label: Volume; value: number; name: string };
  /** Says how a scan lies to the model, before anything is computed; its voxels are not asked for, since they are copied. */
  fitScan(ask: { grid: Grid; extremes: VoxelArray; name: string }): ScanFit;
  /** Brings the shots to the model. */
  useShots(ask: { shots: LabelledScan[]; classes: ModelClass[] }): { missing: string[] };
  /** Segments a scan with the shots that were given last. */
  segment(
    ask: {
      query: Volume;
      name: string;
      slices?: [first: number, end: number];
      largest: boolean;
      probabilities: boolean;
    },
  ): Found;
  /** Ends a segmentation between slices. */
  cancel(ask: Record<never, never>): null;
  /** A NIfTI file of a volume, packed. */
  writeNifti(ask: { volume: Volume; written?: WrittenGrid }): Blob;
  /** A DICOM segmentation of a series. */
  writeDicomSeg(
    ask: { files: PageFile[]; name: string; mask: Volume; segments: ModelClass[]; model: string },
  ): { file: Blob; warnings: string[] };
}

/** The name of something that is asked. */
export type CallName = keyof Calls;

/** What is asked, by name. */
export type Ask<N extends CallName> = Parameters<Calls[N]>[0];

/** What is answered, by name. */
export type Answer<N extends CallName> = ReturnType<Calls[N]>;

/** From the page to the worker. */
export interface ToWorker {
  /** Names the question among those that are open. */
  id: number;
  /** What is asked. */
  name: CallName;
  /** Its argument. */
  ask: unknown;
}

/** Why something could not be done: a user's mistake, no adapter, a lost device, too little memory, or a fault of ours. */
export type FaultKind = "data" | "adapter" | "lost" | "memory" | "cancelled" | "fault";

/** From the worker to the page. */
export type FromWorker =
  | { id: number; answer: unknown }
  | { id: number; progress: [done: number, total: number] }
  | { id: number; fault: { kind: FaultKind; message: string } }
  | { lost: string; kind: "lost" | "memory" };

/** What lies in the page for the worker, as packed bytes by name. */
export interface PagePieces {
  /** The JavaScript of the DICOM converter. */
  converterCode: string;
  /** Its WebAssembly. */
  converterWasm: Uint8Array<ArrayBuffer>;
}
