export { configure } from "./configuration.ts";
export { DigestMemory } from "./digest.ts";
export { availableMemory } from "./executors/memory.ts";
export { type Detail, JsonReporter, type PipelineEvent, type Reporter, TextReporter } from "./events.ts";
export { type CaseFindings, type Choices, type Experiment, experiment, type Outcome, type Tell } from "./experiment.ts";
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
export { isAlive, RunRecorder, runRecords } from "./run_record.ts";
export type { RecordedStage, RunRecord } from "./run_record_data.ts";
export { type NodeState, Plan } from "./plan.ts";
export { Run, type RunOptions, type StageError } from "./run.ts";
export { type CaseFiles, collectNodes, defineCaseStage, defineStage, Interrupted, type StageContext } from "./stage.ts";
export { type Manifest, readManifest } from "./store.ts";
