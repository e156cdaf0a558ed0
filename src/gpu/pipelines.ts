import { gpu } from "./adapter.ts";
import { inMode, mode } from "./mode.ts";
import { count } from "./objects.ts";
import { loadTiles, measureTiles } from "./tiles.ts";
import type { Declaration, Wgsl } from "./wgsl.ts";

/** A text with one set of constants, compiled when it is first needed. */
export interface Pipeline {
  /** Unique in the process. */
  readonly id: number;
  /** Layout of group 0. */
  readonly layout: GPUBindGroupLayout;
  /** Invocations of a workgroup. */
  readonly threads: number;
  /** The pipeline itself; compiles it if nobody has. */
  compiled(): GPUComputePipeline;
}

class Variant implements Pipeline {
  readonly id = nextId++;
  #pipeline: GPUComputePipeline | undefined;

  constructor(
    readonly layout: GPUBindGroupLayout,
    readonly threads: number,
    readonly describe: () => GPUComputePipelineDescriptor,
  ) {}

  compiled(): GPUComputePipeline {
    if (!this.#pipeline) this.#keep(gpu().device.createComputePipeline(this.describe()));
    return this.#pipeline!;
  }

  async compile(): Promise<void> {
    if (!this.#pipeline) this.#keep(await gpu().device.createComputePipelineAsync(this.describe()));
  }

  #keep(pipeline: GPUComputePipeline): void {
    this.#pipeline = pipeline;
    count("pipelines", 1);
  }
}

let nextId = 0;
let wanted = new Set<Variant>();

/** The pipelines of a text's function, by the values of the constants. */
export class Pipelines {
  readonly #variants = new Map<string, Variant>();
  #layout: GPUBindGroupLayout | undefined;

  /** What profiles and messages call the kernel. */
  readonly label: string;
  readonly #entryPoint: string;

  /** @param names of the compute function in the text, and of the kernel */
  constructor(readonly wgsl: Wgsl, { entryPoint, label }: { entryPoint: string; label: string }) {
    this.label = label;
    this.#entryPoint = entryPoint;
  }

  /**
   * The pipeline with these constants; where nothing is computed it is noted for {@link prewarm}.
   *
   * @throws {Error} if the text has no such constant
   */
  of(constants: Readonly<Record<string, number>>): Pipeline {
    const key = Object.entries(constants).map(([name, value]) => `${name}=${value}`).sort().join(" ");
    let variant = this.#variants.get(key);
    if (!variant) this.#variants.set(key, variant = this.#make(constants));
    if (mode() === "compile") wanted.add(variant);
    return variant;
  }

  #make(constants: Readonly<Record<string, number>>): Variant {
    const { wgsl, label } = this, entryPoint = this.#entryPoint;
    const { code, overrides } = wgsl.withConstants(constants);
    const layout = this.#layout ??= makeLayout(label, wgsl.declarations);
    return new Variant(layout, wgsl.threadsPerWorkgroup(constants), () => {
      const { device, subgroups = "" } = gpu();
      const prefix = code.includes("subgroupShuffle(") ? subgroups : "";
      const module = device.createShaderModule({ label, code: prefix + code });
      return {
        label,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint, constants: overrides },
      };
    });
  }
}

/**
 * Runs a step without computing anything, then compiles all pipelines that it would have used, in parallel, and measures
 * which tiles suit its large products best (`keepTilesIn`). Afterwards no dispatch of that step has to wait for a compiler.
 */
export async function prewarm(step: () => void): Promise<void> {
  await loadTiles();
  wanted = new Set();
  inMode("compile", step);
  await Promise.all([...wanted].map((variant) => variant.compile()));
  await measureTiles();
}

const BUFFER_TYPES = { uniform: "uniform", read: "read-only-storage", write: "storage" } as const;

function makeLayout(label: string, declarations: readonly Declaration[]): GPUBindGroupLayout {
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
