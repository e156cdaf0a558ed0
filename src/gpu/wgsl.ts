/** One binding of a WGSL text. */
export interface Declaration {
  /** Its name in the text, by which a dispatch gives it. */
  readonly name: string;
  /** Its number; all are in group 0. */
  readonly binding: number;
  /** What is bound: a uniform struct, an array that is only read, one that is written, a flat texture that is read. */
  readonly kind: "uniform" | "read" | "write" | "texture";
  /** Type of the elements of an array, for example `vec4f`, whatever the text calls it. */
  readonly element: string;
  /** Scalar fields of a uniform struct, in order. */
  readonly fields: readonly { name: string; type: string }[];
}

/** Numbers that an element of a texture holds for a kernel: one picked from a texel, or all four. */
export type TexelWidth = 1 | 4;

/** A text that reads from flat textures what another reads from storage buffers, with the same bits. */
export interface TextureForm {
  /** The text. */
  readonly wgsl: Wgsl;
  /** Bindings that have become textures. */
  readonly textures: ReadonlyMap<string, TexelWidth>;
}

const BINDING = /@group\(0\)\s*@binding\((\d+)\)\s*var(?:<([^>]*)>)?\s+(\w+)\s*:\s*([\w<>, ]+)/g;
const STRUCT = /struct\s+(\w+)\s*\{([^}]*)\}/g;
const ALIAS = /\balias\s+(\w+)\s*=\s*(\w+)\s*;/g;
const CONSTANT = /\b(override|const)\s+(\w+)\s*(?::\s*\w+)?\s*=\s*([^;]*);/g;

/**
 * A WGSL text, read once. Everything that reads a kernel's text or writes into it is here, and fails where it finds nothing
 * to change.
 */
export class Wgsl {
  /** All bindings, in the order of the text. */
  readonly declarations: readonly Declaration[];
  readonly #constants: ReadonlyMap<string, { kind: string; value: string }>;
  readonly #workgroupSize: readonly string[];

  /**
   * Reads a text.
   *
   * @param source all of it; its bindings are in group 0, its uniform structs hold scalars only
   */
  constructor(readonly source: string) {
    const text = source.replace(/\/\/.*$/gm, "");
    const structs = new Map<string, { name: string; type: string }[]>();
    for (const [, name, body] of text.matchAll(STRUCT)) {
      structs.set(name, [...body.matchAll(/(\w+)\s*:\s*(\w+)/g)].map(([, field, type]) => ({ name: field, type })));
    }
    const aliases = new Map([...text.matchAll(ALIAS)].map(([, name, type]) => [name, type]));
    const elementOf = (type: string) => /^array<(\w+)>/.exec(type.trim())?.[1] ?? "";
    this.declarations = [...text.matchAll(BINDING)].map(([, binding, space, name, type]) => ({
      name,
      binding: Number(binding),
      kind: kindOf(space),
      element: aliases.get(elementOf(type)) ?? elementOf(type),
      fields: structs.get(type.trim()) ?? [],
    }));
    this.#constants = new Map([...text.matchAll(CONSTANT)].map(([, kind, name, value]) => [name, { kind, value }]));
    this.#workgroupSize = (/@workgroup_size\(([^)]*)\)/.exec(text)?.[1] ?? "1").split(",").map((part) => part.trim());
  }

  /**
   * Invocations of a workgroup.
   *
   * @param values of constants, where they differ from the text
   */
  threadsPerWorkgroup(values: Readonly<Record<string, number>>): number {
    return this.#workgroupSize.reduce((product, part) => {
      const size = values[part] ?? parseInt(this.#constants.get(part)?.value ?? part);
      if (!(size > 0)) {
        throw new Error(`Cannot read a workgroup's size: expected a number or a constant, found "${part}"`);
      }
      return product * size;
    }, 1);
  }

  /**
   * The text with other values of its constants, and with its loops that say so unrolled. What sizes a function-local array
   * cannot be an `override`, so a `const` is written into the text.
   *
   * A loop is unrolled whose first line ends with `// unrolled`, written as `for (var i = 0u; i < BOUND; i++) {` with a bound
   * of constants and numbers: llvmpipe keeps an array in registers only if it is never indexed by a variable.
   *
   * @returns the text, and the values that the pipeline is given
   * @throws {Error} if there is no such constant, or a bound is not known
   */
  withConstants(values: Readonly<Record<string, number>>): { code: string; overrides: Record<string, number> } {
    let code = this.source;
    const overrides: Record<string, number> = {};
    for (const [name, value] of Object.entries(values)) {
      const kind = this.#constants.get(name)?.kind;
      if (kind === "override") overrides[name] = value;
      else if (kind === "const") {
        code = replaceOnce(
          code,
          new RegExp(`\\bconst\\s+${name}(\\s*:\\s*\\w+)?\\s*=[^;]*;`),
          (_, type) => `const ${name}${type ?? ""} = ${value};`,
          `the constant "${name}"`,
        );
      } else throw new Error(`Cannot set a constant: expected ${this.#names()}, found "${name}"`);
    }
    return { code: unrolled(code, (name) => this.#valueOf(name, values)), overrides };
  }

  /** A `const` as a number, from what is given or from the text. */
  #valueOf(name: string, values: Readonly<Record<string, number>>): number {
    if (name in values) return values[name];
    const constant = this.#constants.get(name);
    if (constant?.kind === "const") return evaluate(constant.value, (other) => this.#valueOf(other, values));
    throw new Error(`Cannot unroll a loop: expected a bound of constants, found "${name}"`);
  }

  /**
   * The text with another type under the name of an `alias`, so that one text serves numbers and vec4s.
   *
   * @throws {Error} if there is no such alias
   */
  withAlias(name: string, type: string): Wgsl {
    const alias = new RegExp(`\\balias\\s+${name}\\s*=[^;]*;`);
    return new Wgsl(replaceOnce(this.source, alias, () => `alias ${name} = ${type};`, `an alias "${name}"`));
  }

  /**
   * The text with another expression as the whole body of a function of one line: `fn name(…) -> type {⏎ return expression;`.
   *
   * @throws {Error} if there is no such function
   */
  withExpression(name: string, expression: string): Wgsl {
    const body = new RegExp(`(fn ${name}\\([^)]*\\) -> \\w+ \\{\\s*return )[^;]*;`);
    return new Wgsl(replaceOnce(this.source, body, (_, head) => `${head}${expression};`, `a function "${name}"`));
  }

  /**
   * A form that reads its read-only arrays of f32 and vec4f from flat textures (`textureOf`); `undefined` where it has none.
   * A load from a storage buffer costs llvmpipe 10 to 30 times as much as one from a read-only storage texture. An array
   * whose length is asked for stays a buffer.
   *
   * @param wanted names of the arrays; all that can be unless given
   * @throws {Error} if such an array is used otherwise than by an index, or one that is wanted cannot be
   */
  fromTextures(wanted?: readonly string[]): TextureForm | undefined {
    const textures = new Map<string, TexelWidth>();
    let text = this.source;
    for (const { name, kind, element } of this.declarations) {
      if (wanted && !wanted.includes(name)) continue;
      if (kind !== "read" || (element !== "f32" && element !== "vec4f")) continue;
      if (new RegExp(`&\\s*${name}\\b`).test(this.source)) continue;
      textures.set(name, element === "f32" ? 1 : 4);
      text = readFromTexture(text, name, element);
    }
    const missing = wanted?.filter((name) => !textures.has(name)) ?? [];
    if (missing.length > 0) {
      throw new Error(`Cannot read "${missing[0]}" from a texture: expected an array that is only read`);
    }
    return textures.size === 0 ? undefined : { wgsl: new Wgsl(text), textures };
  }

  #names(): string {
    return [...this.#constants.keys()].join(", ") || "none";
  }
}

function kindOf(space: string | undefined): Declaration["kind"] {
  if (space === undefined) return "texture";
  if (space.startsWith("uniform")) return "uniform";
  return space.includes("read_write") ? "write" : "read";
}

function readFromTexture(text: string, name: string, element: "f32" | "vec4f"): string {
  const declared = replaceOnce(
    text,
    new RegExp(`var<storage, read>\\s+${name}\\s*:\\s*array<\\w+>;`),
    () => `var ${name}: texture_storage_2d<rgba32float, read>;`,
    `the array "${name}"`,
  );
  const indexed = replaceIndexing(declared, name, `${name}At`);
  if (indexed === declared) throw new Error(`Cannot read "${name}" from a texture: expected an index after its name`);
  const texel = (index: string) => `textureLoad(${name}, vec2u((${index}) & 4095u, (${index}) >> 12u))`;
  const load = element === "f32" ? `${texel("i >> 2u")}[i & 3u]` : texel("i");
  return `${indexed}\nfn ${name}At(i: u32) -> ${element} { return ${load}; }\n`;
}

/** Every `name[index]` becomes `replacement(index)`. */
function replaceIndexing(text: string, name: string, replacement: string): string {
  const start = new RegExp(`\\b${name}\\[`).exec(text);
  if (!start) return text;
  const open = start.index + start[0].length;
  let depth = 1, end = open;
  while (depth > 0) depth += { "[": 1, "]": -1 }[text[end++]] ?? 0;
  const index = replaceIndexing(text.slice(open, end - 1), name, replacement);
  return `${text.slice(0, start.index)}${replacement}(u32(${index}))${
    replaceIndexing(text.slice(end), name, replacement)
  }`;
}

const UNROLLED = /for \(var (\w+) = 0u; \1 < ([^;]+); \1\+\+\) \{ \/\/ unrolled\n/;

/** Writes the loops that are marked out, the outer ones first. */
function unrolled(text: string, valueOf: (name: string) => number): string {
  const loop = UNROLLED.exec(text);
  if (!loop) return text;
  const [head, variable, bound] = loop;
  const start = loop.index + head.length;
  let depth = 1, end = start;
  while (depth > 0) depth += { "{": 1, "}": -1 }[text[end++]] ?? 0;
  const body = text.slice(start, end - 1), name = new RegExp(`(?<![.\\w])${variable}\\b`, "g");
  const rounds = Array.from({ length: evaluate(bound, valueOf) }, (_, i) => `{\n${body.replace(name, `${i}u`)}}\n`);
  return unrolled(text.slice(0, loop.index) + rounds.join("") + text.slice(end), valueOf);
}

/** The value of a constant expression of whole numbers with `+ - * / %` and brackets. */
function evaluate(expression: string, valueOf: (name: string) => number): number {
  const tokens = expression.match(/\d+|\w+|[-+*/%()]/g)?.filter((token) => token !== "u") ?? [];
  const operand = (): number => {
    const token = tokens.shift() ?? "";
    if (token !== "(") return /^\d/.test(token) ? parseInt(token) : valueOf(token);
    const value = sum();
    tokens.shift(); // the closing bracket
    return value;
  };
  const product = (): number => {
    let value = operand();
    while (/^[*/%]/.test(tokens[0])) {
      const [operator, by] = [tokens.shift(), operand()];
      value = operator === "*" ? value * by : operator === "/" ? Math.floor(value / by) : value % by;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (/^[-+]/.test(tokens[0])) value += tokens.shift() === "+" ? product() : -product();
    return value;
  };
  return sum();
}

function replaceOnce(text: string, what: RegExp, by: (...groups: string[]) => string, wanted: string): string {
  if (!what.test(text)) throw new Error(`Cannot rewrite a kernel: expected ${wanted}, found none`);
  return text.replace(what, by);
}
