import { gpu } from "./adapter.ts";
import { bindGroup, type Bound, uniformBuffer } from "./bindings.ts";
import type { PooledBuffer } from "./buffers.ts";
import { computePass } from "./commands.ts";
import { count } from "./objects.ts";
import { isRehearsal } from "./pool.ts";
import { isWorthCopying, readFromTextures } from "./texture_source.ts";
import { type FlatTexture, releaseTexture, textureOf } from "./textures.ts";

/** A range of a pooled buffer; tensors are such ranges. `byteOffset` is a multiple of 256. */
export interface BufferView {
  /** The buffer that holds the range. */
  readonly buffer: PooledBuffer;
  /** First byte. */
  readonly byteOffset: number;
  /** Number of bytes. */
  readonly byteSize: number;
}

/** What a binding may get: a buffer range, a flat texture, or the fields of a uniform struct by name. */
export type Binding = BufferView | FlatTexture | Readonly<Record<string, number>>;

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

interface Declaration {
  name: string;
  binding: number;
  kind: "uniform" | "read" | "write" | "texture";
  struct: { name: string; type: string }[];
}

interface Variant {
  pipeline: GPUComputePipeline | undefined;
  layout: GPUBindGroupLayout;
  create(): GPUComputePipelineDescriptor;
  id: number;
}

const MAX_WORKGROUPS = 65535;
let dryRun: Set<Variant> | undefined;
let nextVariant = 0;

/** True while {@link prewarm} collects the pipelines of a step, or its memory is counted: nothing is encoded then. */
export function isDryRun(): boolean {
  return dryRun !== undefined || isRehearsal();
}

/**
 * Runs a step without computing anything, then compiles all pipelines that it would have used, in parallel. Afterwards
 * no dispatch of that step has to wait for a compiler.
 */
export async function prewarm(step: () => void): Promise<void> {
  dryRun = new Set();
  try {
    step();
    const missing = [...dryRun].filter((variant) => !variant.pipeline);
    await Promise.all(missing.map(async (variant) => {
      variant.pipeline = await gpu().device.createComputePipelineAsync(variant.create());
      count("pipelines", 1);
    }));
  } finally {
    dryRun = undefined;
  }
}

/**
 * Makes a kernel of a complete WGSL text. On llvmpipe a large dispatch reads its inputs from textures, with the same bits
 * (`texture_source.ts`).
 *
 * @param source the text; all bindings are in group 0
 * @param entryPoint name of its compute function; its workgroup size is `threads` or stands in the text
 */
export function kernel(source: string, entryPoint: string): Kernel {
  const fromBuffers = kernelForm(source, entryPoint);
  const { source: textureSource, textures } = readFromTextures(source);
  const fromTextures = textures.size > 0 ? kernelForm(textureSource, entryPoint) : undefined;
  return {
    dispatch(bindings, work) {
      checkNames(entryPoint, fromBuffers.declarations, bindings);
      if (!fromTextures || !isWorthCopying(bindings, textures, threadsOf(source, work))) {
        fromBuffers.dispatch(bindings, work);
        return;
      }
      const copies = new Map<BufferView, FlatTexture>();
      const replaced = { ...bindings };
      for (const name of textures.keys()) {
        const view = bindings[name] as BufferView;
        if (!copies.has(view)) copies.set(view, textureOf(view));
        replaced[name] = copies.get(view)!;
      }
      fromTextures.dispatch(replaced, work);
      for (const texture of copies.values()) releaseTexture(texture);
    },
  };
}

/** A WGSL text with all that is made of it. */
function kernelForm(source: string, entryPoint: string): Kernel & { declarations: Declaration[] } {
  const declarations = parseBindings(source);
  const variants = new Map<string, Variant>();
  let layout: GPUBindGroupLayout | undefined;
  return {
    declarations,
    dispatch(bindings, work) {
      const constants = work.constants ?? {};
      const key = Object.entries(constants).map(([name, value]) => `${name}=${value}`).sort().join(" ");
      let variant = variants.get(key);
      if (!variant) {
        layout ??= makeLayout(entryPoint, declarations);
        variant = makeVariant(source, entryPoint, constants, layout);
        variants.set(key, variant);
      }
      if (isRehearsal()) return;
      if (dryRun) {
        dryRun.add(variant);
        return;
      }
      if (!variant.pipeline) {
        variant.pipeline = gpu().device.createComputePipeline(variant.create());
        count("pipelines", 1);
      }
      const group = bindGroup(variant.id, variant.layout, bind(declarations, bindings));
      const pass = computePass();
      pass.setPipeline(variant.pipeline);
      pass.setBindGroup(0, group);
      if (work.workgroups) {
        const [x, y = 1, z = 1] = work.workgroups;
        pass.dispatchWorkgroups(x, y, z);
      } else {
        const size = workgroupSize(source, constants);
        const groups = Math.max(1, Math.ceil((work.threads ?? 1) / size));
        pass.dispatchWorkgroups(Math.min(groups, MAX_WORKGROUPS), Math.ceil(groups / MAX_WORKGROUPS));
      }
    },
  };
}

function parseBindings(source: string): Declaration[] {
  const structs = new Map<string, { name: string; type: string }[]>();
  const text = source.replace(/\/\/.*$/gm, "");
  for (const [, name, body] of text.matchAll(/struct\s+(\w+)\s*\{([^}]*)\}/g)) {
    structs.set(name, [...body.matchAll(/(\w+)\s*:\s*(\w+)/g)].map(([, field, type]) => ({ name: field, type })));
  }
  const pattern = /@group\(0\)\s*@binding\((\d+)\)\s*var(?:<([^>]*)>)?\s+(\w+)\s*:\s*([\w<>, ]+)/g;
  return [...text.matchAll(pattern)].map(([, binding, space, name, type]) => {
    const kind = space === undefined
      ? "texture"
      : space.startsWith("uniform")
      ? "uniform"
      : space.includes("read_write")
      ? "write"
      : "read";
    return { name, binding: Number(binding), kind, struct: structs.get(type.trim()) ?? [] };
  });
}

function makeLayout(label: string, declarations: Declaration[]): GPUBindGroupLayout {
  return gpu().device.createBindGroupLayout({
    label,
    entries: declarations.map(({ binding, kind }) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      ...(kind === "texture"
        ? { storageTexture: { access: "read-only" as const, format: "rgba32float" as const } }
        : { buffer: { type: BUFFER_TYPES[kind] } }),
    })),
  });
}

const BUFFER_TYPES = { uniform: "uniform", read: "read-only-storage", write: "storage" } as const;

function makeVariant(
  source: string,
  entryPoint: string,
  values: Readonly<Record<string, number>>,
  layout: GPUBindGroupLayout,
): Variant {
  let code = source;
  const constants: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) {
    if (new RegExp(`\\boverride\\s+${name}\\b`).test(code)) constants[name] = value;
    else {
      // What sizes a function-local array cannot be an override constant, so its `const` declaration is rewritten.
      const declaration = new RegExp(`\\bconst\\s+${name}(\\s*:\\s*\\w+)?\\s*=[^;]*;`);
      if (!declaration.test(code)) throw new Error(`Kernel "${entryPoint}" has no constant "${name}"`);
      code = code.replace(declaration, (_, type) => `const ${name}${type ?? ""} = ${value};`);
    }
  }
  return {
    id: nextVariant++,
    layout,
    pipeline: undefined,
    create: () => ({
      label: entryPoint,
      layout: gpu().device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: gpu().device.createShaderModule({ label: entryPoint, code }), entryPoint, constants },
    }),
  };
}

function threadsOf(source: string, { threads, workgroups, constants }: Work): number {
  if (!workgroups) return threads ?? 1;
  const [x, y = 1, z = 1] = workgroups;
  return x * y * z * workgroupSize(source, constants ?? {});
}

function workgroupSize(source: string, constants: Readonly<Record<string, number>>): number {
  const written = /@workgroup_size\(\s*(\w+)/.exec(source)?.[1] ?? "1";
  if (/^\d/.test(written)) return parseInt(written);
  if (constants[written] !== undefined) return constants[written];
  return parseInt(new RegExp(`${written}\\s*(?::\\s*u32)?\\s*=\\s*(\\d+)`).exec(source)?.[1] ?? "1");
}

function checkNames(label: string, declarations: Declaration[], bindings: Readonly<Record<string, Binding>>): void {
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

function bind(declarations: Declaration[], bindings: Readonly<Record<string, Binding>>): Bound[] {
  return declarations.map((declaration) => {
    const { binding, kind } = declaration;
    const given = bindings[declaration.name];
    if (kind === "texture") {
      const { id, view } = given as FlatTexture;
      return { binding, id, resource: view };
    }
    if (kind === "uniform") {
      const { id, buffer } = uniformBuffer(wordsOf(declaration, given as Readonly<Record<string, number>>));
      return { binding, id, resource: { buffer } };
    }
    const { buffer: { id, buffer }, byteOffset: offset, byteSize } = given as BufferView;
    const size = Math.max(16, Math.ceil(byteSize / 16) * 16);
    return { binding, id, range: `:${offset}:${size}`, resource: { buffer, offset, size } };
  });
}

/** The fields of a uniform struct as they lie in memory. */
function wordsOf({ name, struct }: Declaration, values: Readonly<Record<string, number>>): Uint32Array {
  const words = new DataView(new ArrayBuffer(Math.max(16, Math.ceil(struct.length / 4) * 16)));
  for (const [i, field] of struct.entries()) {
    const value = values[field.name];
    if (value === undefined) throw new Error(`Uniform "${name}": field "${field.name}" is missing`);
    if (field.type === "f32") words.setFloat32(i * 4, value, true);
    else if (field.type === "i32") words.setInt32(i * 4, value, true);
    else words.setUint32(i * 4, value, true);
  }
  if (Object.keys(values).length !== struct.length) {
    throw new Error(`Uniform "${name}": expected ${struct.map((field) => field.name)}, found ${Object.keys(values)}`);
  }
  return new Uint32Array(words.buffer);
}
