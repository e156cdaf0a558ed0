import { z } from "zod";
import denoJson from "../../deno.json" with { type: "json" };

/** A step of the preprocessing: the stage's name with the parameters that a raw scan needs. */
export const preprocessingSchema = z.array(z.looseObject({ stage: z.string() }));

/** What a model's file says of itself (docs/file-formats.md). */
export interface ModelFacts {
  /** Experiment and data set it was trained in. */
  about: { experiment: string; dataset: string };
  /** What a scan goes through before the network sees it, in order; then every volume is standardised. */
  preprocessing: z.input<typeof preprocessingSchema>;
  /** Sizes of the network. */
  configuration: unknown;
  /** The training recipe. */
  training: unknown;
  /** Seed of everything random. */
  seed: number;
  /** What it started from: nothing, or a file. */
  weights: { kind: string; sha256: string } | undefined;
}

/** Metadata of `model.safetensors` and of snapshots, but for `step` and `extra`; it holds no paths and no times. */
export function modelMetadata(facts: ModelFacts): Record<string, string> {
  const { about, preprocessing, configuration, training, seed, weights } = facts;
  return {
    format: "dfdt-model/1",
    project: `${denoJson.name} ${denoJson.version}`,
    experiment: about.experiment,
    dataset: about.dataset,
    configuration: JSON.stringify(configuration),
    preprocessing: JSON.stringify(preprocessing),
    training: JSON.stringify(training),
    seed: String(seed),
    weights: JSON.stringify(weights ?? null),
  };
}
