export { configure } from "./configuration.ts";
export { DigestMemory } from "./digest.ts";
export { type Detail, JsonReporter, type PipelineEvent, type Reporter, TextReporter } from "./events.ts";
export { findGarbage, type Garbage, removeGarbage } from "./garbage.ts";
export {
  artifactOf,
  type CasesHandle,
  type FileHandle,
  type FilesHandle,
  type Node,
  only,
  rawCases,
  rawFile,
  together,
} from "./graph.ts";
export { didYouMean, nearest } from "./nearest.ts";
export { type Setting, settingsOf } from "./schema_words.ts";
export { duration } from "./duration.ts";
export { isAlive, RunRecorder, runRecords } from "./run_record.ts";
export type { RecordedStage, RunRecord } from "./run_record_data.ts";
export { SlurmExecutor, type SlurmOptions } from "./executors/slurm/slurm.ts";
export { errorOfOutcomes } from "./executors/slurm/follow.ts";
export type { Resources } from "./executors/slurm/script.ts";
export { secondsOf as jobTime } from "./executors/slurm/script.ts";
export { isQueued, type QueuedTask, SlurmClient } from "./executors/slurm/client.ts";
export type { Account } from "./executors/slurm/accounts.ts";
export {
  JOB_FOLDER,
  type JobFile,
  type JobTask,
  readJobFiles,
  readNotes,
  readTaskRecord,
  type TaskNotes,
} from "./executors/slurm/job_files.ts";
export { leaseTimes } from "./lease.ts";
export { planKeys } from "./plan_key.ts";
export { ChildProcesses, type Processes } from "./executors/processes.ts";
export { type NodeState, Plan } from "./plan.ts";
export { Run, type RunOptions, type StageError } from "./run.ts";
export { type CaseFiles, defineCaseStage, defineStage, Interrupted } from "./stage.ts";
export { collectNodes, commonPart, Graph, type Part, partInWords, type StageContext } from "./graph.ts";
export { operatorTable, type OperatorTotal, type TimedWork, Tracer } from "./trace.ts";
export { type Manifest, manifestsOf, readManifest } from "./store.ts";
