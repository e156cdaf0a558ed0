export { loadModel, type Model, saveModel } from "../model/model.ts";
export { untrainedModel } from "../model/untrained_model.ts";
export { type LabelledScan, SupportSet } from "../model/support_set.ts";
export { type Segmentation, segmentVolume } from "../model/segment_volume.ts";
