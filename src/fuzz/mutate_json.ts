import type { Random } from "../random.ts";
import { anyInteger, anyReal, spoiledBytes } from "./mutate_bytes.ts";

/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A text as it stands in a file, which `JSON.stringify` would not write. */
class Raw {
  constructor(readonly text: string) {}
}

type Written = Json | Raw | Written[] | { [key: string]: Written };

/** Values that stand where others are expected. */
const VALUES: readonly (Json | Raw)[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    5,
    2 ** 53,
    -(2 ** 31),
    "",
    "x",
    "0",
    "1",
    " 1 ",
    "null",
    "__proto__",
    "../..",
    "a/b",
  ],
  ...["constructor", "\u0000", "\ud800", "\uffff", "é", "e\u0301", "🫀", "CON", "x".repeat(300), "1e999", "NaN"],
  ...[[], {}, [[]], [null], [1, 2], ["a", "a"], { a: 1 }, { "": "" }, { "0": "CT" }],
  ...["NaN", "1e999", "-1e999", "1e-999", "-0", "123456789012345678901234567890", '"\\u0000"', "[".repeat(5000)].map((
    text,
  ) => new Raw(text)),
];

/** Names of members that objects have of themselves. */
const NAMES = ["__proto__", "constructor", "toString", "length", "", "0", "-1", "x", "a/b", "..", "é", "x".repeat(300)];

/**
 * A text of JSON with up to four changes: values in place of others, members left out, renamed or added, lists shortened or
 * doubled; now and then bytes that are no JSON.
 */
export function spoiledJson(value: Json, random: Random): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(spoiledJsonText(value, random));
  return random.chance(0.1) ? spoiledBytes(bytes, random) : bytes;
}

/** The same as a text that is JSON, but for numbers and depths that only some readers take. */
export function spoiledJsonText(value: Json, random: Random): string {
  let changed: Written = value;
  do changed = spoil(changed, random); while (random.chance(0.3));
  return write(changed);
}

/** Goes down to a random place, and changes what is there. */
function spoil(value: Written, random: Random): Written {
  if (value === null || typeof value !== "object" || value instanceof Raw || random.chance(0.12)) {
    return spoilValue(value, random);
  }
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.15)) return spoilList(value, random);
    const at = random.integer(value.length);
    return (value as Written[]).with(at, spoil(value[at], random));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random.chance(0.15)) return spoilObject(entries, random);
  const at = random.integer(entries.length);
  const [name, inner] = entries[at];
  return fromEntries(entries.with(at, [name, spoil(inner, random)]));
}

function spoilValue(value: Written, random: Random): Written {
  if (typeof value === "number" && random.chance(0.5)) return random.chance(0.5) ? anyInteger(random) : anyReal(random);
  if (typeof value === "string" && random.chance(0.4)) {
    const bytes = spoiledBytes(new TextEncoder().encode(value), random);
    return new TextDecoder().decode(bytes);
  }
  return random.pick(VALUES);
}

function spoilList(list: Written[], random: Random): Written {
  const at = list.length > 0 ? random.integer(list.length) : 0;
  switch (random.integer(4)) {
    case 0:
      return list.slice(0, at);
    case 1:
      return [...list.slice(0, at), ...list];
    case 2:
      return [...list, random.pick(VALUES)];
    default:
      return list.toReversed();
  }
}

function spoilObject(entries: [string, Written][], random: Random): Written {
  const at = entries.length > 0 ? random.integer(entries.length) : 0;
  const [name = "", value = null] = entries[at] ?? [];
  switch (random.integer(4)) {
    case 0: // a member less
      return fromEntries(entries.toSpliced(at, 1));
    case 1: // another name
      return fromEntries(entries.toSpliced(at, 1, [random.pick(NAMES), value]));
    case 2: // one more
      return fromEntries([...entries, [random.pick(NAMES), random.pick(VALUES)]]);
    default: // one twice, which JSON allows: a raw text, as an object has every name once
      return new Raw(`{${[...entries, [name, random.pick(VALUES)] as const].map(member).join(",")}}`);
  }
}

/** `__proto__` becomes a member like any other. */
function fromEntries(entries: readonly (readonly [string, Written])[]): { [key: string]: Written } {
  return Object.fromEntries(entries);
}

function member([name, value]: readonly [string, Written]): string {
  return `${JSON.stringify(name)}:${write(value)}`;
}

function write(value: Written): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (typeof value === "object" && value !== null) return `{${Object.entries(value).map(member).join(",")}}`;
  if (typeof value === "number" && !Number.isFinite(value)) return "null";
  return JSON.stringify(value);
}
