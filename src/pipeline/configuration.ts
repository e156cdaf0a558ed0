import type { z } from "zod";
import { UserError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { settingsOf } from "./schema_words.ts";

type Tree = { [key: string]: unknown };

/**
 * A configuration with values overridden by their dotted paths, checked against its schema.
 *
 * @param defaults holds every key for which the schema has no default
 * @param settings `key=value`, the value in JSON or plain text
 * @throws {UserError} for an unknown key, with the nearest one, or values that the schema refuses
 */
export function configure<S extends z.ZodType>(
  schema: S,
  defaults: z.input<S>,
  settings: readonly string[],
): z.output<S> {
  const tree = structuredClone(schema.parse(defaults)) as Tree;
  const known = leaves(tree);
  for (const setting of settings) {
    const at = setting.indexOf("=");
    if (at < 1) {
      throw new UserError("usage", `Cannot set "${setting}": expected key=value, for example training.steps=30`);
    }
    const key = setting.slice(0, at), text = setting.slice(at + 1);
    if (!known.includes(key)) {
      throw new UserError("usage", `Unknown key "${key}": did you mean "${nearest(key, known)}"?`);
    }
    const path = key.split(".");
    const last = path.pop()!;
    const parent = path.reduce((node, name) => node[name] as Tree, tree);
    parent[last] = parse(text);
  }
  const result = schema.safeParse(tree);
  if (result.success) return result.data;
  const settable = settingsOf(schema);
  const problems = result.error.issues.map(({ code, path, message }) => {
    const dotted = path.join(".");
    if (code === "custom") return `${dotted}: ${message}`;
    const setting = settable.find(({ key }) => dotted === key || dotted.startsWith(`${key}.`));
    if (!setting) return `${dotted}: ${message}`;
    return `${setting.key}: expected ${setting.type}, found ${JSON.stringify(valueAt(tree, setting.key))}`;
  });
  throw new UserError("usage", `Cannot use the configuration:\n${[...new Set(problems)].join("\n")}`);
}

function valueAt(tree: Tree, key: string): unknown {
  return key.split(".").reduce<unknown>((node, name) => (node as Tree)?.[name], tree);
}

/** Dotted paths of all values that are not objects. */
function leaves(tree: Tree, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? leaves(value as Tree, `${prefix}${key}.`)
      : [`${prefix}${key}`]
  );
}

/** JSON, or plain text; in a list words may stand without quotes, since a shell takes them away. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const list = /^\[(.*)\]$/.exec(text.trim());
    return list && !/[[\]{}"]/.test(list[1]) ? list[1].split(",").map((item) => parse(item.trim())) : text;
  }
}
