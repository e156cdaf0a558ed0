import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { Labelling } from "../imaging/labelling.ts";
import { readJsonFile } from "./json_file.ts";

/** What `dataset.json` says. */
export interface Description {
  /** Which form `dataset.json` has, where there is one. */
  form?: "nnU-Net v2" | "nnU-Net v1 or Medical Segmentation Decathlon";
  /** Name of the data set, if it has one. */
  name?: string;
  /** Name of the one channel. */
  channel: string;
  /** Class names by class number, `BG` first. */
  classes: string[];
  /** Which stored value is which class. */
  labelling: Labelling;
  /** Ending of the files, as far as it is said. */
  fileEnding?: string;
}

const text = z.union([z.string(), z.number(), z.boolean()], "text").transform(String);

const record = (values: z.ZodType) => z.record(z.string(), values, "an object of names and values");

/** Lists of names stand for objects with the keys 0, 1, 2, …, as some writers have it. */
const names = z.union([record(z.unknown()), z.array(z.unknown()).transform((list) => ({ ...list }))]);

const schema = z.looseObject({
  name: text.nullish(),
  channel_names: names.nullish(),
  modality: names.nullish(),
  labels: record(z.unknown()),
  file_ending: z.string("text").nullish(),
}, "an object");

/** Name that marks voxels which nobody annotated, in nnU-Net. */
const IGNORE = /^ignore$/i;

/** Names of the background. */
const BACKGROUND = /^(background|bg)$/i;

/**
 * Reads `dataset.json` of nnU-Net v2, or of v1 and the Medical Segmentation Decathlon, whichever it is.
 *
 * @throws {UserError} if it is missing or cannot be used
 */
export async function readDescription(dir: string): Promise<Description> {
  const path = join(dir, "dataset.json");
  const about = await readJsonFile(path, schema);
  if (!about) throw new UserError("data", `Cannot find "${path}": expected nnU-Net's description of the data set`);
  const refuse = (key: string, expected: string, found: string): never => {
    throw new UserError("data", `Cannot use "${path}": expected ${expected} in "${key}", found ${found}`);
  };
  const isOld = !about.channel_names && about.modality != null;
  const key = isOld ? "modality" : "channel_names";
  const channels = Object.values(about.channel_names ?? about.modality ?? {});
  if (channels.length !== 1) {
    refuse(key, "one channel", `${channels.length}${channels.length > 1 ? ": keep the one to segment" : ""}`);
  }
  return {
    form: isOld ? "nnU-Net v1 or Medical Segmentation Decathlon" : "nnU-Net v2",
    name: about.name?.trim() || undefined,
    channel: String(channels[0]),
    ...classesOf(about.labels as Record<string, unknown>, refuse),
    fileEnding: about.file_ending ?? undefined,
  };
}

/** Classes in ascending order of their stored values, whether the file has names of values or values of names. */
function classesOf(
  labels: Record<string, unknown>,
  refuse: (key: string, expected: string, found: string) => never,
): Pick<Description, "classes" | "labelling"> {
  const entries = Object.entries(labels);
  const isTurned = entries.length > 0 && entries.every(([value, name]) => isWhole(value) && typeof name === "string");
  const stored = entries.map(([name, value]): { name: string; value: number } => {
    if (isTurned) return { name: String(value).normalize("NFC"), value: Number(name) };
    if (Array.isArray(value)) {
      refuse(
        "labels",
        "one value for every class",
        `a region, ${JSON.stringify(value)}, for "${name}". Regions are not ` +
          "supported: give every part a class of its own",
      );
    }
    if (!isWhole(value)) refuse("labels", `a whole number for "${name}"`, JSON.stringify(value) ?? "none");
    return { name: name.normalize("NFC"), value: Number(value) };
  });
  for (const { name, value } of stored) {
    const other = stored.find((one) => one.value === value && one.name !== name);
    if (other) refuse("labels", "a value of its own for every class", `${value} for "${other.name}" and "${name}"`);
    const twin = stored.find((one) => one.name === name && one.value !== value);
    if (twin) refuse("labels", "a name of its own for every value", `"${name}" for ${value} and ${twin.value}`);
  }
  const ignored = stored.find(({ name }) => IGNORE.test(name));
  const background = stored.find(({ name }) => BACKGROUND.test(name)) ?? stored.find(({ value }) => value === 0);
  const classes = stored.filter((one) => one !== ignored && one !== background).sort((a, b) => a.value - b.value);
  if (classes.length === 0) {
    refuse(
      "labels",
      "a class besides the background",
      entries.map(([name]) => name).join(", "),
    );
  }
  const zero = background?.value ?? 0;
  return {
    classes: ["BG", ...classes.map(({ name }) => name)],
    labelling: {
      values: [zero, ...classes.map(({ value }) => value)],
      ...(ignored ? { ignore: ignored.value } : {}),
    },
  };
}

function isWhole(value: unknown): boolean {
  return (typeof value === "number" || typeof value === "string" && /^\s*-?\d+\s*$/.test(value)) &&
    Number.isSafeInteger(Number(value));
}
