export { drawEpisode, episodeIndex } from "../fewshot/episode.ts";
export { Random } from "../random.ts";
export { customFold } from "../fewshot/custom_folds.ts";
export { slicePlan } from "../fewshot/support_choice.ts";
export { bestInterval, intervalMask } from "../fewshot/baselines.ts";
export { countVoxels, score } from "../fewshot/scores.ts";
