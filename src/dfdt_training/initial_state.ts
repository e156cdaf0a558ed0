import { createHash } from "node:crypto";
import { basename } from "node:path";
import {
  configurationOf,
  initialWeights,
  type InitialWeightsOptions,
  type NetworkConfiguration,
  publishedState,
} from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import type { StoredTensor } from "../weights/safetensors.ts";
import { decodeWeights } from "../weights/weight_file.ts";
import { fittingSettings, resnetSizes } from "../weights/fitting_settings.ts";
import {
  checkMatch,
  countStates,
  type MatchedWeights,
  matchWeights,
  reportMarkdown,
  type WeightKind,
  withoutModulePrefix,
} from "../weights/weight_map.ts";

/** A file of weights that fits a network. */
export interface GivenWeights {
  /** What it gives. */
  matched: MatchedWeights;
  /** sha256 of the file. */
  digest: string;
  /** Its format, for people. */
  format: string;
}

/**
 * The bytes of a file of weights.
 *
 * @param expected what the file should be, for the message
 * @throws {UserError} of kind `data` if it is not there or cannot be read
 */
export async function readBytes(path: string, expected: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    const found = isMissing ? "none" : error instanceof Error ? error.message : String(error);
    throw new UserError("data", `Cannot read "${path}": expected ${expected}, found ${found}`);
  }
}

/**
 * Reads the file of `--weights` and checks that it gives all that a file of its kind gives (docs/reference/network.md,
 * 7).
 *
 * @throws {UserError} of kind `data` with a report by layer, or if it cannot be read
 */
export async function readGivenWeights(path: string, configuration: NetworkConfiguration): Promise<GivenWeights> {
  const bytes = await readBytes(path, "a file of weights (.pth or .safetensors)");
  const { tensors, format } = decodeWeights(bytes, path);
  const matched = matchWeights(tensors, publishedState(configuration), path);
  checkMatch(matched, path, wayOut(withoutModulePrefix(tensors), matched.kind, configuration));
  return { matched, format, digest: createHash("sha256").update(bytes).digest("hex") };
}

/** Under which settings a network has the sizes of the file, as a sentence; `undefined` where the file does not tell. */
function wayOut(
  tensors: ReadonlyMap<string, StoredTensor>,
  kind: WeightKind,
  given: NetworkConfiguration,
): string | undefined {
  const whole = configurationOf(new Map([...tensors].map(([name, { shape }]) => [name, shape])));
  if (!whole) {
    const sizes = resnetSizes(tensors, kind);
    return sizes && fittingSettings(sizes);
  }
  const sizes = Object.entries(whole).filter(([key]) => key !== "quirks") as [keyof NetworkConfiguration, unknown][];
  const others = sizes.filter(([key, value]) => JSON.stringify(given[key]) !== JSON.stringify(value));
  if (others.length === 0) return "Its sizes are those of the network, but layers are missing or others";
  return `It fits ${others.map(([key, value]) => `--set network.${key}=${JSON.stringify(value)}`).join(" ")}`;
}

/** Where a training starts. */
export interface InitialState {
  /** Parameters and statistics by published name. */
  tensors: Map<string, StoredTensor>;
  /** `num_batches_tracked`. */
  batchesTracked: number;
}

/** The state before the first step: what the file gives, and random values as published for all else. */
export function initialState(
  configuration: NetworkConfiguration,
  options: InitialWeightsOptions,
  given: GivenWeights | undefined,
): InitialState {
  const loaded: MatchedWeights["loaded"] = given?.matched.loaded ?? new Map();
  const random = initialWeights(configuration, { ...options, without: new Set(loaded.keys()) });
  const tensors = new Map<string, StoredTensor>();
  for (const { name, shape, kind } of publishedState(configuration)) {
    if (kind !== "parameter" && kind !== "statistic") continue;
    tensors.set(name, { dtype: "F32", shape, data: loaded.get(name) ?? random.get(name)! });
  }
  return { tensors, batchesTracked: given?.matched.batchesTracked ?? 0 };
}

/** What a user is told of a file that was taken: a line, and the report that lies in the artifact. */
export function describeGiven({ matched, digest, format }: GivenWeights, path: string): { line: string; page: string } {
  return {
    line: `weights "${basename(path)}" (${matched.about}, ${format}): ${
      countStates(matched.keys)
    }; weights.md has every layer`,
    page: reportMarkdown(matched, { digest, format }),
  };
}
