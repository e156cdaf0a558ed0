import type { z } from "zod";
import { readGivenWeights } from "../../src/dfdt_training/initial_state.ts";
import type { NetworkConfiguration } from "../../src/dfdt/mod.ts";
import type { Resources } from "../../src/pipeline/executors/slurm/script.ts";
import type { CasesHandle, FileHandle } from "../../src/pipeline/graph.ts";

/** What the command line decides about a run. */
export interface Choices {
  /** Size of network and schedule. */
  preset: "paper" | "laptop" | "tiny";
  /** Published setting. */
  setting: 1 | 2;
  /** Test protocol. */
  protocol: "published" | "volume";
  /** Cross-validation fold. */
  fold: number;
  /** Seed of everything random. */
  seed: number;
  /** Folder of the raw data; empty if the experiment makes its own. */
  data: string;
  /** Initial weights. */
  weights?: string;
}

/** What an experiment comes to. */
export interface Outcome {
  /** Name of the data set. */
  dataset: string;
  /** The trained model. */
  model: FileHandle;
  /** What was tested; none where nothing can be. */
  test?: {
    /** `scores.json` of the fold. */
    scores: FileHandle;
    /** Preprocessed images and labels of supports and queries. */
    images: CasesHandle;
    labels: CasesHandle;
  };
  /** What was segmented for its user, and the raw images of it; none where there is nothing of the kind. */
  segmentation?: { masks: CasesHandle; scans: CasesHandle };
}

/** What a look at all files of a case found. */
export interface CaseFindings {
  /** Id of the case; empty for what concerns the whole. */
  id: string;
  /** What is in it and what was decided, in words. */
  about: string;
  /** What is wrong with it; nothing if it can be used. */
  problems: string[];
  /** What is odd about it. */
  warnings: string[];
}

/** Tells the user of the raw data. */
export interface Tell {
  /** What needs attention but stops nothing. */
  warn(message: string): void;
  /** What was decided. */
  say(message: string): void;
  /**
   * What a look at the raw data finds that all folds, seeds and settings of a command share; only the first one looks.
   *
   * @param what names it, and whatever of the configuration it depends on
   */
  once<T>(what: string, look: () => Promise<T>): Promise<T>;
  /** A case that the run goes on without, and why; the run then ends with 1. */
  leaveOut(id: string, why: string): void;
}

/** Tells nobody. */
export const SILENT: Tell = { warn: () => {}, say: () => {}, leaveOut: () => {}, once: (_, look) => look() };

/** An experiment: which stages, which values. */
export interface Experiment<S extends z.ZodType = z.ZodType> {
  /** Its name, that of its module. */
  name: string;
  /** What it does, for the help. */
  about: string;
  /** True if it makes its raw data itself, unless others are given. */
  makesData?: boolean;
  /** What the jobs of a stage ask of a cluster, by its name, those of all stages by `""`; flags and variables go before it. */
  slurm?: Readonly<Record<string, Resources>>;
  /** Preset used unless another is chosen. */
  defaultPreset: Choices["preset"];
  /** Schema of its configuration. */
  schema: S;
  /** Configuration of a preset. */
  defaults(choices: Choices): z.input<S>;
  /** How many folds the raw data make; five unless given, 0 where nothing can be tested. */
  folds?(config: z.output<S>, choices: Choices): Promise<number>;
  /**
   * Looks at what no schema can: files that the choices name. Weights that do not fit are better refused now than after hours of
   * preprocessing.
   *
   * @throws {UserError}
   */
  check(config: z.output<S>, choices: Choices): Promise<void>;
  /**
   * Looks at the raw data and returns what `build` needs of it, or throws with all problems at once.
   *
   * @throws {UserError}
   */
  prepare(config: z.output<S>, choices: Choices, tell: Tell): Promise<unknown>;
  /**
   * Reads all raw files whole and tells what is wrong with each case, bad headers and missing partners included. Absent where
   * an experiment makes its own data.
   */
  verify?(config: z.output<S>, choices: Choices): AsyncIterable<CaseFindings>;
  /** Wires the stages. */
  build(raw: unknown, config: z.output<S>, choices: Choices): Outcome;
}

/** Checks an experiment's types and returns it. */
export function experiment<S extends z.ZodType<{ network: NetworkConfiguration }>, R>(
  definition: Omit<Experiment<S>, "prepare" | "build" | "check"> & {
    prepare(config: z.output<S>, choices: Choices, tell: Tell): Promise<R>;
    build(raw: R, config: z.output<S>, choices: Choices): Outcome;
  },
): Experiment<S> {
  return {
    ...definition,
    async check({ network }: z.output<S>, { weights }: Choices) {
      if (weights !== undefined) await readGivenWeights(weights, network);
    },
  } as unknown as Experiment<S>;
}
