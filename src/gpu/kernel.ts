import { kernelSet } from "./adapter.ts";
import { bindGroup, type Bound, uniformBuffer } from "./bindings.ts";
import type { BufferView } from "./buffers.ts";
import { computePass } from "./commands.ts";
import { mode } from "./mode.ts";
import { Pipelines } from "./pipelines.ts";
import { type FlatTexture, releaseTexture, textureOf } from "./textures.ts";
import { type Declaration, type TextureForm, Wgsl } from "./wgsl.ts";

/** What a binding may get: a buffer range, or the fields of a uniform struct by name. */
export type Binding = BufferView | Readonly<Record<string, number>>;

/** How much work a dispatch has. */
export interface Work {
  /**
   * Number of threads wanted in one dimension. Beyond 65,535 workgroups the rest goes to further rows, so a kernel
   * computes its index as `id.y * (65535u * threads) + id.x`.
   */
  threads?: number;
  /** Workgroups in x, y and z, instead of `threads`. */
  workgroups?: readonly [number, number?, number?];
  /** Values of `override` and `const` declarations, by name. */
  constants?: Readonly<Record<string, number>>;
}

/** A WGSL kernel: bindings are given by name, and a missing or unknown one is an error. */
export interface Kernel {
  /** Encodes one dispatch. */
  dispatch(bindings: Readonly<Record<string, Binding>>, work: Work): void;
}

/** What a kernel is apart from its text. */
export interface KernelOptions {
  /**
   * Inputs that llvmpipe reads from textures, with the same bits: these, always, for a kernel that reads every element many
   * times; unless given all, where an estimate from the sizes says that the copies pay.
   */
  textures?: readonly string[];
}

const MAX_WORKGROUPS = 65535;

/**
 * Makes a kernel of a complete WGSL text.
 *
 * @param text all bindings are in group 0
 * @param entryPoint name of its compute function; its workgroup size is `threads` or stands in the text
 */
export function kernel(text: string | Wgsl, entryPoint: string, { textures }: KernelOptions = {}): Kernel {
  const wgsl = typeof text === "string" ? new Wgsl(text) : text;
  const fromBuffers = new Pipelines(wgsl, entryPoint);
  const form = wgsl.fromTextures(textures);
  const fromTextures = form && new Pipelines(form.wgsl, entryPoint);
  return {
    dispatch(bindings, work) {
      checkNames(entryPoint, wgsl.declarations, bindings);
      for (const given of Object.values(bindings)) (given as BufferView).materialize?.();
      const copied = form && kernelSet() === "llvmpipe" &&
        (textures || isWorthCopying(bindings, form.textures, threadsOf(wgsl, work)));
      if (copied) dispatchFromTextures(fromTextures!, form, bindings, work);
      else dispatch(fromBuffers, bindings, new Map(), work);
    },
  };
}

function dispatchFromTextures(
  pipelines: Pipelines,
  { textures }: TextureForm,
  bindings: Readonly<Record<string, Binding>>,
  work: Work,
): void {
  const ofViews = new Map<BufferView, FlatTexture>(); // the same array may be bound twice
  const ofNames = new Map<string, FlatTexture>();
  for (const name of textures.keys()) {
    const view = bindings[name] as BufferView;
    let texture = ofViews.get(view);
    if (!texture) ofViews.set(view, texture = textureOf(view));
    ofNames.set(name, texture);
  }
  dispatch(pipelines, bindings, ofNames, work);
  for (const texture of ofViews.values()) releaseTexture(texture);
}

function dispatch(
  pipelines: Pipelines,
  bindings: Readonly<Record<string, Binding>>,
  textures: ReadonlyMap<string, FlatTexture>,
  work: Work,
): void {
  if (mode() === "count") return;
  const { constants = {}, workgroups, threads = 1 } = work;
  const pipeline = pipelines.of(constants);
  if (mode() === "compile") return;
  const compiled = pipeline.compiled();
  const group = bindGroup(pipeline.id, pipeline.layout, bound(pipelines.wgsl.declarations, bindings, textures));
  const pass = computePass();
  pass.setPipeline(compiled);
  pass.setBindGroup(0, group);
  if (workgroups) pass.dispatchWorkgroups(...(workgroups as [number, number?, number?]));
  else {
    const groups = Math.max(1, Math.ceil(threads / pipeline.threads));
    pass.dispatchWorkgroups(Math.min(groups, MAX_WORKGROUPS), Math.ceil(groups / MAX_WORKGROUPS));
  }
}

function threadsOf(wgsl: Wgsl, { threads, workgroups, constants = {} }: Work): number {
  if (!workgroups) return threads ?? 1;
  const [x, y = 1, z = 1] = workgroups;
  return x * y * z * wgsl.threadsPerWorkgroup(constants);
}

/**
 * What a load from a texture instead of a buffer saves on llvmpipe, in ns, for elements of 1 and of 4 numbers; what a copy
 * into a texture costs by itself, and for every number.
 */
const SAVED_BY_LOAD = { 1: 2.5, 4: 12 }, COST_OF_COPY = 25_000, COST_OF_NUMBER = 0.6;

/** Whether llvmpipe is faster with copies, by an estimate from the sizes alone: a thread reads every array at least once. */
export function isWorthCopying(
  bindings: Readonly<Record<string, Binding>>,
  textures: TextureForm["textures"],
  threads: number,
): boolean {
  let gain = 0;
  for (const [name, width] of textures) {
    const numbers = (bindings[name] as BufferView).byteSize / 4;
    gain += Math.max(threads, numbers / width) * SAVED_BY_LOAD[width] - COST_OF_COPY - numbers * COST_OF_NUMBER;
  }
  return gain > 0;
}

function checkNames(
  label: string,
  declarations: readonly Declaration[],
  bindings: Readonly<Record<string, Binding>>,
): void {
  const known = declarations.map(({ name }) => name);
  for (const name of known) {
    if (!(name in bindings)) throw new Error(`Kernel "${label}": binding "${name}" is missing`);
  }
  for (const name of Object.keys(bindings)) {
    if (!known.includes(name)) {
      throw new Error(`Kernel "${label}": expected bindings ${known.join(", ")}, found "${name}"`);
    }
  }
}

function bound(
  declarations: readonly Declaration[],
  bindings: Readonly<Record<string, Binding>>,
  textures: ReadonlyMap<string, FlatTexture>,
): Bound[] {
  return declarations.map((declaration) => {
    const { name, binding, kind } = declaration;
    if (kind === "texture") {
      const { id, view } = textures.get(name)!;
      return { binding, id, resource: view };
    }
    if (kind === "uniform") {
      const { id, buffer } = uniformBuffer(wordsOf(declaration, bindings[name] as Readonly<Record<string, number>>));
      return { binding, id, resource: { buffer } };
    }
    const { buffer: { id, buffer }, byteOffset: offset, byteSize } = bindings[name] as BufferView;
    const size = Math.max(16, Math.ceil(byteSize / 16) * 16);
    return { binding, id, range: `:${offset}:${size}`, resource: { buffer, offset, size } };
  });
}

/** The fields of a uniform struct as they lie in memory. */
function wordsOf({ name, fields }: Declaration, values: Readonly<Record<string, number>>): Uint32Array {
  const words = new DataView(new ArrayBuffer(Math.max(16, Math.ceil(fields.length / 4) * 16)));
  for (const [i, field] of fields.entries()) {
    const value = values[field.name];
    if (value === undefined) throw new Error(`Uniform "${name}": field "${field.name}" is missing`);
    if (field.type === "f32") words.setFloat32(i * 4, value, true);
    else if (field.type === "i32") words.setInt32(i * 4, value, true);
    else words.setUint32(i * 4, value, true);
  }
  if (Object.keys(values).length !== fields.length) {
    throw new Error(`Uniform "${name}": expected ${fields.map((field) => field.name)}, found ${Object.keys(values)}`);
  }
  return new Uint32Array(words.buffer);
}
