export { UserError } from "../errors.ts";
export { defineCaseStage, defineStage, rawCases, rawFile } from "../pipeline/mod.ts";
export { ownExperiment } from "../../experiments/common/own_experiment.ts";
