import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { UserError } from "../errors.ts";

/** Byte order marks and the encodings that they announce. */
const MARKS: readonly [bytes: readonly number[], encoding: string][] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/**
 * Reads a JSON file of the user's and checks its form; a byte order mark is passed over.
 *
 * @returns `undefined` if there is no such file
 * @throws {UserError} that names file and key, what was expected and what was found
 */
export async function readJsonFile<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return undefined;
  const refuse = (expected: string, instead: string): never => {
    throw new UserError("data", `Cannot read "${path}": expected ${expected}, found ${instead}`);
  };
  if (found.isDirectory()) refuse("a JSON file", "a folder");
  const bytes = await readFile(path).catch(() => refuse("a JSON file", "one that may not be read"));
  const [mark, encoding] = MARKS.find(([sign]) => sign.every((byte, i) => bytes[i] === byte)) ?? [[], "utf-8"];
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder(encoding).decode(bytes.subarray(mark.length)));
  } catch (error) {
    refuse("JSON", bytes.length === mark.length ? "an empty file" : (error as Error).message);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: keys, message }) => {
    const name = keys.map(String).join(".");
    const given = keys.reduce((at: unknown, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
    const shown = given === undefined ? "none" : JSON.stringify(given).slice(0, 80);
    return `${name || "the whole"}: expected ${message}, found ${shown}`;
  });
  throw new UserError("data", `Cannot use "${path}":\n  ${problems.join("\n  ")}`);
}
