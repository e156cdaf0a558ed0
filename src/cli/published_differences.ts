import { configure } from "../pipeline/mod.ts";
import type { Choices, Experiment } from "../../experiments/common/experiment.ts";

/**
 * What differs between a run and the published one, a sentence each: data, protocol, initial weights, and every value of the
 * configuration that is not that of preset `paper`.
 *
 * @param dataset as results name it
 */
export function differencesFromPublished(
  experiment: Experiment,
  { config, choices, dataset }: { config: unknown; choices: Choices; dataset: string },
): string[] {
  const isPublished = experiment.name === dataset.toLowerCase();
  const published = configure(experiment.schema, experiment.defaults({ ...choices, preset: "paper" }), []);
  return [
    ...(isPublished ? [] : ["The data are not those of a published set."]),
    ...(choices.protocol === "volume"
      ? ["The test is that of protocol volume: every slice, disjoint folds, nothing of the query's labels."]
      : []),
    ...(choices.weights === undefined
      ? ["Training begins with random weights; the published one with those of deeplabv3_resnet101_coco."]
      : []),
    ...changedValues(config, published),
  ];
}

function changedValues(ours: unknown, published: unknown, path = ""): string[] {
  const isTree = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (isTree(ours) && isTree(published)) {
    return Object.keys(ours).flatMap((key) => changedValues(ours[key], published[key], path ? `${path}.${key}` : key));
  }
  const [mine, theirs] = [JSON.stringify(ours), JSON.stringify(published)];
  return mine === theirs ? [] : [`${path} is ${shown(mine)} instead of ${shown(theirs)}.`];
}

function shown(json: string | undefined): string {
  return json === undefined ? "nothing" : json.replaceAll(",", ", ");
}
