import type { RecordedStage, RunRecord } from "../pipeline/mod.ts";

/** One thing that runs, waits, has failed, or is done. */
export interface StatusRow {
  experiment: string;
  /** Stage, and which of several runs. */
  what: string;
  /** `process 12 of node1`, or `job 17_3 on node1`. */
  where: string;
  state: string;
  /** Steps or cases. */
  done?: number;
  total?: number;
  unit?: string;
  /** Of them in a second. */
  rate?: number;
  secondsLeft?: number;
  /** Most bytes of memory that it took, and what was asked for. */
  memory?: number;
  memoryAsked?: string;
  /** Seconds that it has run, and what was asked for. */
  seconds?: number;
  secondsAsked?: number;
  /** Of a job: who says what it took, Slurm's accounting or the job. */
  source?: "sacct" | "job";
  message?: string;
}

/** `train (fold 2)`. */
export function nameOfRow(stage: string, part: string | undefined): string {
  return part ? `${stage} (${part})` : stage;
}

/** What a record says of a stage that runs. */
export function progressOf(stage: RecordedStage, { lastTime, memory }: RunRecord): Partial<StatusRow> {
  const { done, total, unit, from = 0, fromTime, startTime } = stage;
  const seconds = startTime ? (Date.now() - Date.parse(startTime)) / 1000 : undefined;
  const counted = fromTime ? (Date.parse(lastTime) - Date.parse(fromTime)) / 1000 : 0;
  const rate = done !== undefined && counted > 0 && done > from ? (done - from) / counted : undefined;
  const secondsLeft = rate && total ? (total - done!) / rate : undefined;
  return { done, total, unit, rate, secondsLeft, memory, seconds };
}
