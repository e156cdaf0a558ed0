export { configure } from "./configuration.ts";
export { DigestMemory } from "./digest.ts";
export { JsonReporter, type PipelineEvent, type Reporter, TextReporter } from "./events.ts";
export { type CaseFindings, type Choices, type Experiment, experiment, type Outcome } from "./experiment.ts";
export { type CasesHandle, type FileHandle, type Node, only, rawCases, rawFile, together } from "./graph.ts";
export { didYouMean, nearest } from "./nearest.ts";
export { type NodeState, Run, type RunOptions } from "./run.ts";
export { type CaseFiles, collectNodes, defineCaseStage, defineStage, Interrupted, type StageContext } from "./stage.ts";
export { type Manifest, readManifest } from "./store.ts";
