import { UserError } from "../errors.ts";
import { isFloat, type StoredTensor } from "./element_types.ts";

/** An entry of the state_dict that a file is laid over. */
export interface WantedEntry {
  /** Its published name. */
  name: string;
  /** Its shape. */
  shape: readonly number[];
  /** `counter` is `num_batches_tracked`; `buffer` follows from the network's sizes and is never taken from a file. */
  kind: "parameter" | "statistic" | "counter" | "buffer";
  /** Of a buffer. */
  values?: ArrayLike<number | bigint>;
}

/** Kinds of files whose names are known (docs/reference/network.md, 7). */
export type WeightKind = "resnet" | "deeplab" | "dfdt";

/** What becomes of a key. */
export type KeyState =
  /** Taken over. */
  | "loaded"
  /** In the network and not in the file, as the reference says of this kind: stays as initialised. */
  | "random"
  /** A counter or constant buffer that older files do not have. */
  | "made"
  /** In the file, and of no use to the network. */
  | "dropped"
  /** In the network, and the file should have it. */
  | "missing"
  /** In the file, and nothing is known of it. */
  | "unexpected"
  /** In both, and the shape, type or value does not fit. */
  | "mis-shaped";

/** One key of the report. */
export interface KeyReport {
  /** Name in the network, or of the file where the network has none. */
  name: string;
  /** What becomes of it. */
  state: KeyState;
  /** For mis-shaped keys, what was expected and found. */
  detail?: string;
}

/** What a file gives to a network. */
export interface MatchedWeights {
  /** What the names say the file is. */
  kind: WeightKind;
  /** For people. */
  about: string;
  /** Float arrays to load, by published name. */
  loaded: Map<string, Float32Array<ArrayBuffer>>;
  /** `num_batches_tracked`, the largest where they differ; none if the file has none. */
  batchesTracked?: number;
  /** Every key of network and file. */
  keys: KeyReport[];
}

const BACKBONE = "encoder.backbone.";

interface Kind {
  about: string;
  /** A key that only such files have. */
  mark: string;
  /** Published name of a key of the file; `undefined` for one that is dropped, "" for one that nothing is known of. */
  rename(key: string): string | undefined;
  /** Whether the reference says that the network's entry is not in such a file. */
  isRandom(name: string): boolean;
}

const KINDS: Record<WeightKind, Kind> = {
  dfdt: {
    about: "a DFDT snapshot",
    mark: `${BACKBONE}conv1.weight`,
    rename: (key) => key.startsWith("optimizer.") ? undefined : key,
    isRandom: () => false,
  },
  deeplab: {
    about: "deeplabv3_resnet101_coco",
    mark: "backbone.conv1.weight",
    rename(key) {
      if (/^(aux_)?classifier\./.test(key)) return undefined;
      return key.startsWith("backbone.") ? `encoder.${key}` : "";
    },
    isRandom: (name) => !name.startsWith(BACKBONE) || name.startsWith(`${BACKBONE}fc.`),
  },
  resnet: {
    about: "torchvision's ResNet",
    mark: "conv1.weight",
    rename: (key) => `${BACKBONE}${key}`,
    isRandom: (name) => !name.startsWith(BACKBONE),
  },
};

/** What the names of the ResNet begin with in a file of a kind. */
export function backboneOf(kind: WeightKind): string {
  return KINDS[kind].mark.replace(/conv1\.weight$/, "");
}

/** Prefix that `DataParallel` and its kin put before every key. */
const MODULE = "module.";

/**
 * Lays a file over a network: recognises it by its keys, renames them, and says of every key what becomes of it.
 *
 * @param wanted all entries of the state_dict, in order
 * @throws {UserError} of kind `data` if the keys are of no kind that is known
 */
export function matchWeights(
  tensors: ReadonlyMap<string, StoredTensor>,
  wanted: readonly WantedEntry[],
  file: string,
): MatchedWeights {
  const plain = withoutModulePrefix(tensors);
  const kind = recognise(plain, file);
  const { about, rename, isRandom } = KINDS[kind];
  const found = new Map<string, StoredTensor>();
  const keys: KeyReport[] = [];
  const names = new Set(wanted.map(({ name }) => name));
  for (const [key, tensor] of plain) {
    const name = rename(key);
    if (name !== undefined && names.has(name)) found.set(name, tensor);
    else keys.push({ name: key, state: name === undefined ? "dropped" : "unexpected" });
  }
  const loaded: MatchedWeights["loaded"] = new Map();
  const counts: number[] = [];
  for (const entry of wanted) {
    const { name, kind } = entry;
    const tensor = found.get(name);
    const optional = kind === "counter" || kind === "buffer";
    const detail = tensor && unfit(tensor, entry);
    if (detail !== undefined) keys.push({ name, state: "mis-shaped", detail });
    else if (!tensor) keys.push({ name, state: optional ? "made" : isRandom(name) ? "random" : "missing" });
    else {
      keys.push({ name, state: "loaded" });
      if (kind === "counter") counts.push(Number(tensor.data[0]));
      else if (kind !== "buffer") loaded.set(name, toFloat32(tensor));
    }
  }
  const batchesTracked = counts.length > 0 ? counts.reduce((a, b) => Math.max(a, b)) : undefined;
  return { kind, about, loaded, batchesTracked, keys };
}

/**
 * Checks that a file gave all that the reference says a file of its kind gives.
 *
 * @param wayOut under which settings it would
 * @throws {UserError} of kind `data` with the way out, then the report by layer
 */
export function checkMatch({ about, keys }: MatchedWeights, file: string, wayOut?: string): void {
  // What says most about the reason comes first: a message has room for so many layers.
  const faults = (["mis-shaped", "unexpected", "missing"] as const)
    .flatMap((fault) => keys.filter(({ state }) => state === fault));
  if (faults.length === 0) return;
  throw new UserError(
    "data",
    `Cannot use "${file}" (${about}): expected every key to fit the network, found ${countStates(keys)}. ` +
      `${wayOut ?? "Choose --preset and --set network.… as the file was made with"}\n${layerLines(faults).join("\n")}`,
  );
}

/** One line with the number of keys in every state. */
export function countStates(keys: readonly KeyReport[]): string {
  const counts = new Map<KeyState, number>();
  for (const { state } of keys) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
}

/** Layers that a message names at most. */
const MOST_LINES = 40;

/** A line a layer: its keys by state. */
function layerLines(keys: readonly KeyReport[]): string[] {
  const layers = new Map<string, string[]>();
  for (const { name, state, detail } of keys) {
    const dot = name.lastIndexOf(".");
    const layer = dot < 0 ? name : name.slice(0, dot);
    const text = `${name.slice(dot + 1)} ${state}${detail ? ` (${detail})` : ""}`;
    layers.set(layer, [...layers.get(layer) ?? [], text]);
  }
  const lines = [...layers].map(([layer, texts]) => `  ${layer}: ${texts.join(", ")}`);
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `  … and ${lines.length - MOST_LINES} more layers`];
}

/** The whole report, layer by layer, as a page. */
export function reportMarkdown(
  matched: MatchedWeights,
  { digest, format }: { digest: string; format: string },
): string {
  const { about, keys, batchesTracked } = matched;
  const states: KeyState[] = ["loaded", "random", "made", "dropped", "missing", "unexpected", "mis-shaped"];
  const layers = new Map<string, KeyReport[]>();
  for (const key of keys) {
    const layer = key.name.slice(0, Math.max(key.name.lastIndexOf("."), 0)) || key.name;
    layers.set(layer, [...layers.get(layer) ?? [], key]);
  }
  const leaf = (name: string) => name.slice(name.lastIndexOf(".") + 1);
  const rows = [...layers].map(([layer, own]) => {
    const cells = states.map((state) =>
      own.filter((key) => key.state === state).map(({ name }) => leaf(name)).join(", ")
    );
    return `| ${layer} | ${cells.join(" | ")} |`;
  });
  return [
    "# Initial weights",
    "",
    `${about} (${format}, sha256 ${digest}): ${countStates(keys)}.`,
    batchesTracked === undefined
      ? "The file has no num_batches_tracked, as files of PyTorch before 1.0; they start at 0, which changes no result."
      : `num_batches_tracked: ${batchesTracked}.`,
    "",
    `| layer | ${states.join(" | ")} |`,
    `| --- |${" --- |".repeat(states.length)}`,
    ...rows,
    "",
  ].join("\n");
}

/**
 * The arrays by the names that they have without the `module.` that `DataParallel` puts before every one, once or, where one
 * stood in another, several times.
 */
export function withoutModulePrefix(tensors: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, StoredTensor> {
  let result = tensors;
  while (result.size > 0 && [...result.keys()].every((key) => key.startsWith(MODULE))) {
    result = new Map([...result].map(([key, tensor]) => [key.slice(MODULE.length), tensor]));
  }
  return result;
}

/** What arrays are by their names, for people; `undefined` for a kind that is not known. */
export function describeKind(tensors: ReadonlyMap<string, StoredTensor>): string | undefined {
  const kind = kindOfNames(withoutModulePrefix(tensors));
  return kind && KINDS[kind].about;
}

function kindOfNames(tensors: ReadonlyMap<string, StoredTensor>): WeightKind | undefined {
  return (Object.keys(KINDS) as WeightKind[]).find((name) => tensors.has(KINDS[name].mark));
}

function recognise(tensors: ReadonlyMap<string, StoredTensor>, file: string): WeightKind {
  const kind = kindOfNames(tensors);
  if (kind) return kind;
  const first = [...tensors.keys()].slice(0, 3).map((key) => JSON.stringify(key)).join(", ");
  throw new UserError(
    "data",
    `Cannot use "${file}" as weights: expected the keys of torchvision's ResNet-101 ("conv1.weight"), of ` +
      `deeplabv3_resnet101_coco ("backbone.conv1.weight") or of a DFDT snapshot ("${BACKBONE}conv1.weight"), ` +
      `found ${tensors.size} others: ${first}, …`,
  );
}

/** What does not fit of a tensor. */
function unfit(tensor: StoredTensor, { shape, kind, values }: WantedEntry): string | undefined {
  if (tensor.shape.join() !== shape.join()) return `expected [${shape}], found [${tensor.shape}]`;
  if (kind === "counter") {
    return isFloat(tensor.dtype) ? `expected an integer, found ${tensor.dtype}` : undefined;
  }
  if (kind === "buffer") {
    const same = Array.prototype.every.call(tensor.data, (value, i) => Number(value) === Number(values![i]));
    return same ? undefined : "expected the values that follow from the network's sizes, found others";
  }
  if (!isFloat(tensor.dtype)) return `expected floats, found ${tensor.dtype}`;
  const finite = (tensor.data as Float32Array).every((value) => Number.isFinite(Math.fround(value)));
  return finite ? undefined : "expected finite float32 values, found others";
}

function toFloat32({ data }: StoredTensor): Float32Array<ArrayBuffer> {
  return data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
}
