import { kernelSet } from "./adapter.ts";
import type { Binding, BufferView } from "./kernel.ts";

/** A kernel that reads from flat textures what another reads from storage buffers, with the same result. */
export interface TextureSource {
  /** The WGSL text. */
  source: string;
  /** Bindings that have become textures, and how many numbers one of their elements has. */
  textures: ReadonlyMap<string, 1 | 4>;
}

const DECLARATION = /var<storage, read>\s+(\w+)\s*:\s*array<(f32|vec4f)>;/g;

/**
 * Rewrites a kernel so that it reads its read-only arrays of f32 and vec4f from flat textures (`textureOf`). A load
 * from a storage buffer costs llvmpipe 10 to 30 times as much as one from a read-only storage texture.
 *
 * An array whose length is asked for stays a buffer.
 */
export function readFromTextures(source: string): TextureSource {
  const textures = new Map<string, 1 | 4>();
  let text = source;
  for (const [declaration, name, type] of source.matchAll(DECLARATION)) {
    if (new RegExp(`&\\s*${name}\\b`).test(source)) continue;
    textures.set(name, type === "f32" ? 1 : 4);
    const texel = (index: string) => `textureLoad(${name}, vec2u((${index}) & 4095u, (${index}) >> 12u))`;
    const load = type === "f32" ? `${texel("i >> 2u")}[i & 3u]` : texel("i");
    text = text.replace(declaration, `var ${name}: texture_storage_2d<rgba32float, read>;`);
    text = replaceIndexing(text, name, `${name}At`) + `\nfn ${name}At(i: u32) -> ${type} { return ${load}; }\n`;
  }
  return { source: text, textures };
}

/**
 * What a load from a texture instead of a buffer saves on llvmpipe, in ns, for elements of 1 and of 4 numbers; what a copy
 * into a texture costs by itself, and for every number.
 */
const SAVED_BY_LOAD = { 1: 2.5, 4: 12 }, COST_OF_COPY = 25_000, COST_OF_NUMBER = 0.6;

/** Whether llvmpipe is faster with copies, by an estimate from the sizes alone: a thread reads every array at least once. */
export function isWorthCopying(
  bindings: Readonly<Record<string, Binding>>,
  textures: TextureSource["textures"],
  threads: number,
): boolean {
  if (kernelSet() !== "llvmpipe") return false;
  let gain = 0;
  for (const [name, width] of textures) {
    const numbers = (bindings[name] as BufferView).byteSize / 4;
    gain += Math.max(threads, numbers / width) * SAVED_BY_LOAD[width] - COST_OF_COPY - numbers * COST_OF_NUMBER;
  }
  return gain > 0;
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
