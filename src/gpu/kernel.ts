import { gpu, kernelSet } from "./adapter.ts";
import { bindGroup, type Bound, uniformBuffer } from "./bindings.ts";
import { acquireBuffer, releaseBuffer } from "./buffers.ts";
import type { BufferView } from "./buffer_view.ts";
import { computePass } from "./commands.ts";
import { mode } from "./mode.ts";
import { Pipelines } from "./pipelines.ts";
import { type FlatTexture, forgetTextures, hasTexture, textureOf, trimTextures } from "./textures.ts";
import { type Candidates, tileOf, wantTile } from "./tiles.ts";
import { type Declaration, type TextureForm, Wgsl } from "./wgsl.ts";

/** What a binding may get: a buffer range, or the fields of a uniform struct by name. */
export type Binding = BufferView | Readonly<Record<string, number>>;

/** What all bindings of a kernel get, by name. */
export type Bindings = Readonly<Record<string, Binding>>;

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
  /**
   * Encodes one dispatch.
   *
   * @param work or several ways to cut it, which all give the same bits: the first one, unless another was measured to be faster
   */
  dispatch(bindings: Bindings, work: Work | readonly Work[]): void;
}

/** What a kernel is apart from its text. */
export interface KernelOptions {
  /**
   * Inputs that llvmpipe reads from textures, with the same bits: these, always, for a kernel that reads every element many
   * times; unless given all, where an estimate from the sizes says that the copies pay.
   */
  textures?: readonly string[];
  /** What it is called in profiles and messages; the function's name unless given. */
  label?: string;
}

const MAX_WORKGROUPS = 65535;

/**
 * Makes a kernel of a complete WGSL text.
 *
 * @param text all bindings are in group 0
 * @param entryPoint name of its compute function; its workgroup size is `threads` or stands in the text
 */
export function kernel(text: string | Wgsl, entryPoint: string, options: KernelOptions = {}): Kernel {
  const { textures, label = entryPoint } = options;
  const wgsl = typeof text === "string" ? new Wgsl(text) : text;
  const fromBuffers = new Pipelines(wgsl, { entryPoint, label });
  const form = wgsl.fromTextures(textures);
  const fromTextures = form && new Pipelines(form.wgsl, { entryPoint, label });
  const self: Kernel = {
    dispatch(bindings, works) {
      checkNames(label, wgsl.declarations, bindings);
      for (const given of Object.values(bindings)) (given as BufferView).materialize?.();
      const work = "length" in works ? cut(self, label, bindings, works) : works;
      // an adapter that binds fewer textures at a time reads such a kernel's inputs from buffers: the same bits
      const copied = form && kernelSet() === "llvmpipe" &&
        form.textures.size <= gpu().device.limits.maxStorageTexturesPerShaderStage &&
        (textures || isWorthCopying(bindings, form.textures, threadsOf(wgsl, work)));
      if (copied) dispatchFromTextures(fromTextures!, form, bindings, work);
      else dispatch(fromBuffers, bindings, new Map(), work);
    },
  };
  return self;
}

/** The best known of several ways to cut the same work; while pipelines are compiled, measuring is asked for where nothing is known. */
function cut(kernel: Kernel, label: string, bindings: Bindings, works: readonly Work[]): Work {
  const names = works.map(({ constants }) => JSON.stringify(constants));
  const isView = (binding: Binding): binding is BufferView => "byteSize" in binding;
  const uniforms = Object.values(bindings).filter((binding) => !isView(binding));
  const key = `${label} ${uniforms.flatMap((fields) => Object.values(fields)).join(" ")}`;
  if (works.length > 1 && mode() === "compile") {
    wantTile(key, names, (): Candidates => {
      const own = new Map<Binding, BufferView>();
      for (const view of Object.values(bindings).filter(isView)) {
        own.set(view, { buffer: acquireBuffer(view.byteSize), byteOffset: 0, byteSize: view.byteSize });
      }
      const replaced = Object.fromEntries(
        Object.entries(bindings).map(([name, given]) => [name, own.get(given) ?? given]),
      );
      return {
        names,
        run: (way) => kernel.dispatch(replaced, works[way]),
        [Symbol.dispose]: () => own.forEach(({ buffer }) => releaseBuffer(buffer)),
      };
    });
  }
  return works[tileOf(key, names)];
}

function dispatchFromTextures(
  pipelines: Pipelines,
  { textures }: TextureForm,
  bindings: Bindings,
  work: Work,
): void {
  const ofNames = new Map<string, FlatTexture>();
  // Nothing is written while pipelines are compiled, so no copy would be true.
  if (mode() !== "compile") {
    for (const name of textures.keys()) ofNames.set(name, textureOf(bindings[name] as BufferView));
  }
  dispatch(pipelines, bindings, ofNames, work);
  trimTextures();
}

function dispatch(
  pipelines: Pipelines,
  bindings: Bindings,
  textures: ReadonlyMap<string, FlatTexture>,
  work: Work,
): void {
  for (const { name, kind } of pipelines.wgsl.declarations) {
    if (kind === "write") forgetTextures((bindings[name] as BufferView).buffer);
  }
  if (mode() === "count") return;
  const { constants = {}, workgroups, threads = 1 } = work;
  const pipeline = pipelines.of(constants);
  if (mode() === "compile") return;
  const compiled = pipeline.compiled();
  const group = bindGroup(pipeline.id, pipeline.layout, bound(pipelines.wgsl.declarations, bindings, textures));
  const pass = computePass(pipelines.label);
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
  bindings: Bindings,
  textures: TextureForm["textures"],
  threads: number,
): boolean {
  let gain = 0;
  for (const [name, width] of textures) {
    const view = bindings[name] as BufferView, numbers = view.byteSize / 4;
    gain += Math.max(threads, numbers / width) * SAVED_BY_LOAD[width];
    if (!hasTexture(view)) gain -= COST_OF_COPY + numbers * COST_OF_NUMBER;
  }
  return gain > 0;
}

function checkNames(
  label: string,
  declarations: readonly Declaration[],
  bindings: Bindings,
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
  bindings: Bindings,
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
