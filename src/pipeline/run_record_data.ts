/** What a run was asked for and how far it came: `WORK/EXPERIMENT/.runs/TIME-PROCESS.json`. It is no artifact: it names folders. */
export interface RunRecord {
  /** Name of the experiment. */
  experiment: string;
  /** The command as it was typed. */
  command: readonly string[];
  /** The folder it was typed in. */
  folder: string;
  /** Name of the machine. */
  host: string;
  /** Number of the process there. */
  process: number;
  /** When that process began, as the system counts it, by which it is told from a later one of its number; empty where unknown. */
  processStart: string;
  /** Seed of everything random. */
  seed: number;
  /** The resolved configuration, by part. */
  configuration: unknown;
  /** What differs from the published protocol. */
  differences: readonly string[];
  /** Absolute paths of the raw scans that are segmented for their user, by case. */
  scans?: Readonly<Record<string, string>>;
  /** Whether jobs of a cluster make its stages. */
  onCluster?: boolean;
  /** When it began, ISO 8601. */
  startTime: string;
  /** When it was last heard of. */
  lastTime: string;
  /** When it ended. */
  endTime?: string;
  /** How it stands. A run that was killed stays `running`. */
  state: "running" | "done" | "failed" | "interrupted";
  /** What an interrupt cannot take from it: where it began to go on from, or how many cases are made. */
  kept?: string;
  /** Most bytes of memory that its process was seen with. */
  memory?: number;
  /** What it ended with. */
  message?: string;
  /** Versions of Deno, of the project and of the adapter. */
  versions: Record<string, string>;
  /** Its stages, in order. */
  stages: RecordedStage[];
  /** What needed attention. */
  warnings: string[];
}

/** A stage of a run. */
export interface RecordedStage {
  /** Its name. */
  stage: string;
  /** Which of several graphs it belongs to. */
  part?: string;
  /** Its key, once known. */
  key?: string;
  /** How it stands. */
  state: "waiting" | "running" | "made" | "cached";
  /** When it began. */
  startTime?: string;
  /** Seconds that it took. */
  seconds?: number;
  /** Cases or steps done. */
  done?: number;
  /** All of them. */
  total?: number;
  /** How many were done when they were first counted. */
  from?: number;
  /** When that was. */
  fromTime?: string;
  /** What is counted. */
  unit?: string;
  /** More about its progress. */
  message?: string;
}
