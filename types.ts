/**
 * Types that stand in the signatures of `mod.ts`.
 *
 * @module
 */
export type { ExperimentModule, OwnCase, OwnDataset, OwnExperiment } from "./experiments/common/own_experiment.ts";
export type { ReadScanOptions } from "./src/datasets/read_scan.ts";
export type { Episode } from "./src/episode.ts";
export type { IndexMap } from "./src/imaging/index_map.ts";
export type { Frame } from "./src/imaging/cohort.ts";
export type { GridFields } from "./src/imaging/geometry.ts";
export type { DicomFile } from "./src/imaging/io/dicom_source.ts";
export type { DicomCode } from "./src/imaging/io/dicom_codes.ts";
export type { EncodedSlice, EncodedSlices } from "./src/inference/encoded_slices.ts";
export type { Interval } from "./src/fewshot/baselines.ts";
export type { CustomCases } from "./src/fewshot/custom_folds.ts";
export type { DrawnEpisode, EpisodeIndex } from "./src/fewshot/episode.ts";
export type { Fold, TrainingFold } from "./src/fewshot/folds.ts";
export type { Counts, Score } from "./src/fewshot/scores.ts";
export type { SlicePlan } from "./src/fewshot/support_choice.ts";
export type { Grid, Orientation } from "./src/imaging/geometry.ts";
export type { EncodedSegmentation, NamedCode, Segment, SegmentationContent } from "./src/imaging/io/dicom_seg.ts";
export type { WrittenGrid } from "./src/imaging/io/nifti_header.ts";
export type { ReadOptions } from "./src/imaging/io/nifti.ts";
export type { RecipeMap, RecipeStep } from "./src/imaging/recipe.ts";
export type { SupervoxelOptions, SupervoxelSteps } from "./src/imaging/supervoxels.ts";
export type { VoxelArray } from "./src/imaging/volume.ts";
export type { SegmentedClass } from "./src/model/mask_of_classes.ts";
export type { ModelClass } from "./src/model/model_facts.ts";
export type { LoadOptions } from "./src/model/model.ts";
export type { SegmentOptions } from "./src/model/segment_volume.ts";
export type { MissingClass, PreparedSupport } from "./src/model/support_set.ts";
export type { UntrainedModelOptions } from "./src/model/untrained_model.ts";
export type { AnyStage, CasesHandle, FileHandle, FilesHandle, Handle } from "./src/pipeline/graph.ts";
export type { Node, StageContext, WholeStageContext } from "./src/pipeline/graph.ts";
export type {
  CaseFiles,
  CaseStageDefinition,
  HandleKinds,
  HandlesOf,
  InputKind,
  OutputHandle,
  OutputKind,
  PathKinds,
  PathsOf,
  Schema,
  StageDefinition,
} from "./src/pipeline/stage.ts";
export type { RecordedStage, RunRecord } from "./src/pipeline/run_record_data.ts";
