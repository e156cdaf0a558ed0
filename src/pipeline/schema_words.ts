import { z } from "zod";

/** A value of a configuration that `--set` can change. */
export interface Setting {
  /** Its dotted path. */
  key: string;
  /** What it may be, in words. */
  type: string;
  /** What it means. */
  about: string;
}

/** As much of a JSON schema as ours use. */
interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  prefixItems?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  description?: string;
}

/** Every value of a configuration, in the order of its schema. */
export function settingsOf(schema: z.ZodType): Setting[] {
  const visit = (json: JsonSchema, key: string): Setting[] =>
    json.properties
      ? Object.entries(json.properties).flatMap(([name, inner]) => visit(inner, key ? `${key}.${name}` : name))
      : [{ key, type: inWords(json), about: json.description ?? "" }];
  return visit(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema, "");
}

/** What a value may be, in words: "a whole number of at least 1". */
function inWords(json: JsonSchema): string {
  const words = [...new Set(alternatives(json))];
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function alternatives(json: JsonSchema): string[] {
  if (json.anyOf) return json.anyOf.flatMap(alternatives);
  if (json.enum) return json.enum.map((value) => JSON.stringify(value));
  if ("const" in json) return [JSON.stringify(json.const)];
  return [json.type ?? []].flat().map((type) => typeInWords(type, json));
}

function typeInWords(type: string, json: JsonSchema): string {
  switch (type) {
    case "boolean":
      return "true or false";
    case "string":
      return "a text";
    case "integer":
      return `a whole number${rangeOf(json)}`;
    case "number":
      return `a number${rangeOf(json)}`;
    case "array":
      return json.prefixItems ? listOf(json.prefixItems.map(inWords)) : `a list of them`;
    default:
      return type;
  }
}

function listOf(items: readonly string[]): string {
  const [first] = items;
  return items.every((item) => item === first)
    ? `a list of ${items.length}, each ${first}`
    : `a list of ${items.join(", ")}`;
}

/** What a schema writes for a whole number without a limit. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

function rangeOf(json: JsonSchema): string {
  const { minimum = -NO_LIMIT, maximum = NO_LIMIT, exclusiveMinimum, exclusiveMaximum, multipleOf } = json;
  const low = exclusiveMinimum !== undefined
    ? `above ${exclusiveMinimum}`
    : minimum > -NO_LIMIT
    ? `of at least ${minimum}`
    : "";
  const high = exclusiveMaximum !== undefined
    ? `below ${exclusiveMaximum}`
    : maximum < NO_LIMIT
    ? `of at most ${maximum}`
    : "";
  const range = low && high
    ? exclusiveMinimum === undefined && exclusiveMaximum === undefined
      ? ` from ${minimum} to ${maximum}`
      : ` ${low} and ${high}`
    : low || high
    ? ` ${low}${high}`
    : "";
  return range + (multipleOf === undefined || multipleOf === 1 ? "" : ` that ${multipleOf} divides`);
}
