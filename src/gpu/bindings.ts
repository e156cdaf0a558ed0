import { gpu } from "./adapter.ts";
import { submit } from "./commands.ts";
import { count } from "./objects.ts";

/** What a bind group gives to one binding, and the name by which bind groups that hold it are found again. */
export interface Bound {
  /** Number of the binding. */
  binding: number;
  /** Unique in the process for the buffer or texture. */
  id: string;
  /** Where a part of it is bound, which. */
  range?: string;
  /** What WebGPU is given. */
  resource: GPUBindingResource;
}

/** Bind groups and uniform buffers that are kept at most: work that repeats needs a few thousand, `paper` 4,200 and 700. */
const MOST_GROUPS = 50_000, MOST_UNIFORMS = 10_000;

/** So many buffers and textures are freed before the bind groups that hold them are looked for. */
const FREED_BEFORE_SWEEP = 256;

const groups = new Map<string, { group: GPUBindGroup; ids: readonly string[] }>();
const uniforms = new Map<string, { id: string; buffer: GPUBuffer }>();
const freed = new Set<string>();
let nextUniform = 0;

/**
 * A bind group for a pipeline's layout, made once for the same resources.
 *
 * @param layoutId unique in the process for the layout
 */
export function bindGroup(layoutId: number, layout: GPUBindGroupLayout, bound: readonly Bound[]): GPUBindGroup {
  const key = `${layoutId} ${bound.map(({ id, range = "" }) => `${id}${range}`).join(" ")}`;
  const found = groups.get(key);
  if (found) return found.group;
  if (groups.size >= MOST_GROUPS) forgetGroups();
  const entries = bound.map(({ binding, resource }) => ({ binding, resource }));
  const group = gpu().device.createBindGroup({ layout, entries });
  groups.set(key, { group, ids: bound.map(({ id }) => id) });
  count("bindGroups", 1);
  return group;
}

/** A uniform buffer with these words. Sizes repeat from step to step, so it is kept by its content and never rewritten. */
export function uniformBuffer(words: Uint32Array): { id: string; buffer: GPUBuffer } {
  const key = words.join(",");
  const found = uniforms.get(key);
  if (found) return found;
  if (uniforms.size >= MOST_UNIFORMS) forgetUniforms();
  const buffer = gpu().device.createBuffer({
    size: words.byteLength,
    usage: GPUBufferUsage.UNIFORM,
    mappedAtCreation: true,
  });
  new Uint32Array(buffer.getMappedRange()).set(words);
  buffer.unmap();
  const made = { id: `u${nextUniform++}`, buffer };
  uniforms.set(key, made);
  count("buffers", 1);
  return made;
}

/** Says that a buffer or texture was freed: the bind groups that hold it can never be asked for again. */
export function forgetBindingsOf(id: string): void {
  freed.add(id);
  if (freed.size < FREED_BEFORE_SWEEP) return;
  for (const [key, { ids }] of groups) {
    if (!ids.some((one) => freed.has(one))) continue;
    groups.delete(key);
    count("bindGroups", -1);
  }
  freed.clear();
}

function forgetGroups(): void {
  count("bindGroups", -groups.size);
  groups.clear();
  freed.clear();
}

function forgetUniforms(): void {
  submit(); // what is encoded may still use them
  for (const { buffer } of uniforms.values()) buffer.destroy();
  count("buffers", -uniforms.size);
  uniforms.clear();
  forgetGroups();
}
