import { Command } from "@commander-js/extra-typings";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { networkCost } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { readNiftiHeader } from "../imaging/files/nifti_file.ts";
import { readManifest } from "../pipeline/mod.ts";
import { describeKind } from "../weights/weight_map.ts";
import { type ModelFile, readModelFile } from "../model/model_file.ts";
import { readBytes } from "../dfdt_training/initial_state.ts";

/** `deno task inspect FILE`: what a model, a file of weights, an artifact or a volume is. */
export function command() {
  return new Command("inspect")
    .description("says what a model, a file of weights, an artifact or a volume is")
    .argument("<file>", "model.safetensors, a snapshot, .pth, the folder of an artifact, manifest.json or .nii.gz")
    .option("--json", "one JSON object")
    .action(async (file, { json }) => {
      const found = await inspect(file);
      console.log(json ? JSON.stringify(found) : describe(found));
    });
}

/** What `inspect` and `export` read. */
export const A_MODEL = "a model (.safetensors or .pth)";

/** What `inspect` finds, as `--json` prints it. */
export type Inspected = { file: string } & (InspectedModel | InspectedWeights | InspectedArtifact | InspectedVolume);

/** A DFDT network. */
export interface InspectedModel {
  /** `snapshot` has the optimiser's state as well, from which a training goes on. */
  kind: "model" | "snapshot";
  /** For people. */
  format: string;
  sha256: string;
  bytes: number;
  configuration: ModelFile["configuration"];
  configurationFrom: ModelFile["configurationFrom"];
  /** Counts and multiply-adds, `docs/file-formats.md`. */
  cost: ReturnType<typeof networkCost>;
  /** Floating-point operations: two a multiply-add. */
  flops: { perImage: number; perEpisode: number };
  /** Bytes that the state takes on the GPU, without activations. */
  memoryBytes: { weights: number; training: number };
  /** What an optimiser keeps of every parameter: what the file holds, else what its recipe says, else SGD's velocity. */
  optimizerState: string[];
  provenance: Record<string, unknown>;
  recipe: ModelFile["recipe"] | null;
  classes: ModelFile["classes"] | null;
  training: unknown;
}

/** Weights of another network. */
export interface InspectedWeights {
  kind: "weights";
  format: string;
  sha256: string;
  bytes: number;
  /** What the names say it is, for example "torchvision's ResNet"; `null` if they are not known. */
  recognised: string | null;
  /** Shapes and types by name. */
  tensors: Record<string, { dtype: string; shape: readonly number[] }>;
  metadata: Record<string, string>;
}

/** An artifact of the pipeline. */
export interface InspectedArtifact {
  kind: "artifact";
  manifest: NonNullable<Awaited<ReturnType<typeof readManifest>>>;
}

/** A NIfTI volume. */
export interface InspectedVolume {
  kind: "volume";
  size: readonly number[];
  spacingMm: readonly number[];
  affine: readonly number[];
}

/**
 * Looks at a file or folder.
 *
 * @throws {UserError} if it is nothing that we know
 */
export async function inspect(file: string): Promise<Inspected> {
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new UserError("data", `Cannot inspect "${file}": expected a file or folder, found none`);
  if (found.isDirectory() || basename(file) === "manifest.json") {
    const folder = found.isDirectory() ? file : dirname(file);
    const manifest = await readManifest(folder);
    if (manifest) return { file, kind: "artifact", manifest };
    throw new UserError(
      "data",
      `Cannot inspect "${folder}": expected a whole artifact with manifest.json, found none or one whose files are missing`,
    );
  }
  if (/\.nii(\.gz)?$/.test(file)) {
    const { size, spacing, affine } = await readNiftiHeader(file);
    return { file, kind: "volume", size, spacingMm: spacing, affine };
  }
  return { file, ...modelOf(await readModelFile(await readBytes(file, A_MODEL), file)) };
}

const PROVENANCE = ["format", "project", "experiment", "dataset", "step", "seed"];

function modelOf(model: ModelFile): InspectedModel | InspectedWeights {
  const { tensors, metadata, format, configuration, configurationFrom, sha256, bytes, recipe, classes } = model;
  const about = { format, sha256, bytes };
  if (!configuration) {
    const shapes = Object.fromEntries([...tensors].map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
    return { kind: "weights", ...about, recognised: describeKind(tensors) ?? null, tensors: shapes, metadata };
  }
  const cost = networkCost(configuration);
  const weights = 4 * (cost.parameters + cost.statistics);
  const training = parsed(metadata.training);
  const stored = [...tensors.keys()].filter((name) => name.startsWith(STATE)).map((name) => name.slice(STATE.length));
  const optimizerState = stored.length > 0 ? stored : stateOf(training);
  return {
    kind: stored.length > 0 ? "snapshot" : "model",
    ...about,
    ...{ configuration, configurationFrom, cost },
    flops: { perImage: 2 * cost.perImage, perEpisode: 2 * cost.perEpisode },
    // a gradient of each parameter, and what the optimiser keeps of it
    memoryBytes: { weights, training: weights + (1 + optimizerState.length) * 4 * cost.parameters },
    optimizerState,
    provenance: {
      ...Object.fromEntries(PROVENANCE.filter((key) => key in metadata).map((key) => [key, metadata[key]])),
      weights: parsed(metadata.weights),
    },
    recipe: recipe ?? null,
    classes: classes.length > 0 ? classes : null,
    training,
  };
}

/** What the names of an optimiser's state begin with in a snapshot. */
const STATE = "optimizer.";

/** State of the optimiser that a recipe names. */
function stateOf(training: unknown): string[] {
  const isAdamW = typeof training === "object" && training !== null && "optimizer" in training &&
    training.optimizer === "adamw";
  return isAdamW ? ["firstMoment", "secondMoment"] : ["velocity"];
}

/** A value of the metadata; one that is no JSON is shown as it stands. */
function parsed(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe(found: Inspected): string {
  switch (found.kind) {
    case "model":
    case "snapshot":
      return describeModel(found);
    case "weights": {
      const rows = Object.entries(found.tensors).map(([name, { dtype, shape }]) => `  ${name}  ${dtype} [${shape}]`);
      return [
        `${found.file}: ${rows.length} arrays, ${
          found.recognised ?? "of a network that is not known"
        } (${found.format}, ${megabytes(found.bytes)})`,
        ...rows,
      ].join("\n");
    }
    case "artifact": {
      const { stage, version, key, parameters, inputs, files, startTime, endTime, versions } = found.manifest;
      return [
        `${found.file}: artifact of stage ${stage}, version ${version}, key ${key}`,
        `made        ${startTime} to ${endTime} by ${values(versions)}`,
        `parameters  ${JSON.stringify(parameters)}`,
        ...Object.entries(inputs).map(([name, content]) => `input       ${name} ${JSON.stringify(content)}`),
        ...files.map(({ path, bytes, sha256 }) => `file        ${path}  ${bytes} bytes  sha256 ${sha256}`),
      ].join("\n");
    }
    case "volume":
      return `${found.file}: NIfTI, ${found.size.join(" × ")} voxels of ${found.spacingMm.join(" × ")} mm`;
  }
}

function describeModel(model: { file: string } & InspectedModel): string {
  const { file, kind, format, bytes, sha256, configuration, configurationFrom, cost } = model;
  const { memoryBytes, optimizerState } = model;
  const kept = optimizerState.length === 1 ? "velocities" : "both moments";
  const number = (value: number) => value.toLocaleString("en-US");
  const giga = (value: number) => value === 0 ? "-" : `${(value / 1e9).toFixed(3)} G`;
  const row = (name: string, parameters: number, unused: number, work: string) =>
    `  ${name.padEnd(24)}${number(parameters).padStart(12)}${number(unused).padStart(18)}  ${work.padStart(12)}`;
  const lines = [
    `${file}: DFDT ${kind} (${format}, ${megabytes(bytes)}, sha256 ${sha256})`,
    `configuration   ${values(configuration!)}${configurationFrom === "shapes" ? " (from the shapes)" : ""}`,
    `provenance      ${values(model.provenance)}`,
    `recipe          ${model.recipe === null ? "not said" : JSON.stringify(model.recipe)}`,
    `classes         ${model.classes?.map(({ name, value }) => `${name} ${value}`).join(", ") ?? "not said"}`,
    `training        ${model.training === null ? "not said" : values(model.training)}`,
    `memory          ${megabytes(memoryBytes.weights)} of weights and statistics; with gradients and ${kept} ` +
    `${megabytes(memoryBytes.training)}, activations not counted`,
    `work            ${giga(model.flops.perImage)}FLOP an image, ${giga(model.flops.perEpisode)}FLOP an episode of two`,
    "",
    `  ${"module".padEnd(24)}${"parameters".padStart(12)}${"without gradient".padStart(18)}  ${
      "multiply-adds".padStart(12)
    }`,
    ...cost.modules.map(({ name, parameters, withoutGradient, multiplyAdds, per }) => {
      return row(name, parameters, withoutGradient, `${giga(multiplyAdds)}${multiplyAdds ? ` per ${per}` : ""}`);
    }),
    row("all", cost.parameters, cost.withoutGradient, `${giga(cost.perEpisode)} per episode`),
  ];
  return lines.join("\n");
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function values(object: unknown): string {
  if (typeof object !== "object" || object === null) return String(object);
  return Object.entries(object)
    .map(([key, value]) => `${key} ${value !== null && typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}
