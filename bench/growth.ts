/**
 * Whether the memory of the process grows with the work, measured: `deno run -A bench/growth.ts WORK [OPTIONS]`.
 *
 *   training [--preset tiny] [--side 97] [--steps 2000]     training steps with augmentation; `--preset smallest`: no smaller one
 *   slices [--preset tiny] [--side 97] [--count 3000]       query slices segmented, 30 from a support
 *   cases [--count 300]                                     window, resample, index, supervoxels, cases side by side
 *   kernels [--preset tiny] [--side 97]                     every dispatch of a step and of a segmented slice, alone
 *
 * Prints one JSON object for every twentieth of the work: how much is done, milliseconds each since the last one, resident
 * memory in MiB, open files, live GPU objects; of `kernels` one for every dispatch that keeps memory: its kernel and how much.
 * `DFDT_KERNELS` chooses the kernel set.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { presetConfiguration } from "../experiments/common/presets.ts";
import { SABS_CLASSES } from "../src/datasets/sabs.ts";
import { phantomCase } from "../src/phantom/scan.ts";
import { initialWeights, type NetworkConfiguration } from "../src/dfdt/mod.ts";
import { augment } from "../src/fewshot/augment.ts";
import { drawAugmentation } from "../src/fewshot/augmentation_draws.ts";
import {
  finished,
  forceKernelSet,
  gpu,
  type KernelSet,
  liveObjects,
  openDevice,
  settlePools,
  upload,
} from "../src/gpu/mod.ts";
import { writeNifti } from "../src/imaging/files/nifti_file.ts";
import { sabsRecipe } from "../src/imaging/recipes.ts";
import { segmentSlices } from "../src/inference/segmenter.ts";
import { collectNodes, DigestMemory, type PipelineEvent, rawCases, Run } from "../src/pipeline/mod.ts";
import { Random } from "../src/random.ts";
import { trainingSchema } from "../src/dfdt_training/configuration.ts";
import { networkSchema } from "../src/model/network_schema.ts";
import { makeTraining } from "../src/dfdt_training/make_training.ts";
import { resample } from "../src/stages/resample.ts";
import { sliceIndex } from "../src/stages/slice_index.ts";
import { supervoxels } from "../src/stages/supervoxels.ts";
import { window } from "../src/stages/window.ts";
import { fromArray, Scope, toArray } from "../src/tensor/mod.ts";

const { positionals: [work], values } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: "string", default: "tiny" },
    side: { type: "string" },
    steps: { type: "string", default: "2000" },
    count: { type: "string" },
  },
});

let last = { done: 0, time: performance.now() };

/** Prints what there is now. */
function show(done: number, what: string): void {
  const resident_mib = Math.round(Deno.memoryUsage().rss / 2 ** 20 * 10) / 10;
  if (done <= last.done) last.done = 0; // the next stage
  const time = performance.now(), ms_each = Math.round((time - last.time) / (done - last.done) * 10) / 10;
  // counting opens a folder itself
  const files = Deno.build.os === "linux" ? { open_files: [...Deno.readDirSync("/proc/self/fd")].length - 1 } : {};
  console.log(JSON.stringify({ work, [what]: done, ms_each, resident_mib, ...files, ...liveObjects() }));
  last = { done, time };
}

/** A network that is trained in no time, on slices of 65 voxels: what is done for every step of it is the same. */
const SMALLEST = { image: 65, planes: 8, layers: [1, 1, 1, 1], channels: 32, parts: 10 };

function makeNetwork() {
  const isSmallest = values.preset === "smallest";
  const preset = presetConfiguration(isSmallest ? "tiny" : values.preset as "paper" | "laptop" | "tiny");
  if (isSmallest) Object.assign(preset.network, SMALLEST);
  const configuration = networkSchema.parse({ ...preset.network, image: Number(values.side ?? preset.network.image) });
  const made = makeTraining({ network: configuration, training: trainingSchema.parse(preset.training), seed: 1 });
  for (const [name, data] of initialWeights(configuration as NetworkConfiguration, { seed: 1, thresholdBias: -14 })) {
    upload(made.network.parameters.get(name), new Uint8Array(data.buffer));
  }
  const side = configuration.image;
  const image = Float32Array.from({ length: side * side }, (_, i) => Math.sin(i * 0.01) + Math.cos(i * 0.37));
  const mask = Float32Array.from({ length: side * side }, (_, i) => {
    return Number(Math.hypot(i % side - side / 2, Math.floor(i / side) - side / 2) < side / 5);
  });
  return { ...made, training: trainingSchema.parse(preset.training), side, image, mask };
}

async function training(): Promise<void> {
  const { trainable, optimizer, training, side, image, mask } = makeNetwork();
  const steps = Number(values.steps);
  for (let step = 1; step <= steps; step++) {
    settlePools();
    using _scope = new Scope();
    const onGpu = (data: Float32Array<ArrayBuffer>) => fromArray(data, [side, side]);
    const slices = {
      supportImage: onGpu(image),
      supportMask: onGpu(mask),
      queryImage: onGpu(image),
      queryMask: onGpu(mask),
    };
    const episode = augment(slices, drawAugmentation(new Random(1, "augmentation", step), training), training);
    const { scalars } = trainable.step(episode, step);
    optimizer.step(1e-4, step);
    if (step % 10 === 0 || values.preset === "paper") await toArray(scalars);
    if (step % Math.max(1, Math.floor(steps / 20)) === 0) show(step, "steps");
  }
}

const SLICES_OF_A_CASE = 30;

async function slices(): Promise<void> {
  const { network, image, mask } = makeNetwork();
  const count = Number(values.count ?? 3000);
  const cases = Math.ceil(count / SLICES_OF_A_CASE);
  for (let done = 1; done <= cases; done++) {
    const queries = Array.from({ length: SLICES_OF_A_CASE }, (_, i) => image.map((value) => value + 0.01 * i));
    await segmentSlices(network, { image, mask }, queries);
    if (done % Math.max(1, Math.floor(cases / 20)) === 0) show(done * SLICES_OF_A_CASE, "slices");
  }
}

/** A dispatch as it was encoded. */
interface Dispatch {
  kernel: string;
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  workgroups: [number, number, number];
}

/** What `body` encodes, one dispatch of every pipeline with every bind group. */
async function recordDispatches(body: () => Promise<void>): Promise<Dispatch[]> {
  const pass = GPUComputePassEncoder.prototype;
  const { setPipeline, setBindGroup, dispatchWorkgroups } = pass;
  const found = new Map<string, Dispatch>();
  const ids = new Map<object, number>();
  const idOf = (thing: object) => ids.get(thing) ?? (ids.set(thing, ids.size), ids.size - 1);
  let pipeline: GPUComputePipeline, group: GPUBindGroup;
  pass.setPipeline = function (given) {
    setPipeline.call(this, pipeline = given);
  };
  pass.setBindGroup = function (...given: unknown[]) {
    group = given[1] as GPUBindGroup;
    Reflect.apply(setBindGroup, this, given);
  };
  pass.dispatchWorkgroups = function (x, y = 1, z = 1) {
    const dispatch = {
      kernel: pipeline.label,
      pipeline,
      group,
      workgroups: [x, y, z] satisfies [number, number, number],
    };
    found.set(`${idOf(pipeline)} ${idOf(group)}`, dispatch);
    dispatchWorkgroups.call(this, x, y, z);
  };
  try {
    await body();
  } finally {
    Object.assign(pass, { setPipeline, setBindGroup, dispatchWorkgroups });
  }
  return [...found.values()];
}

/** Turns with another kernel of which the first fill caches, and those that are measured. */
const TURNS_BEFORE = 4, TURNS = 16;

/** Dispatches that are tried together first, and KiB that they may seem to keep: what a wait and garbage leave. */
const AT_ONCE = 16, NOISE_KIB = 40;

async function kernels(): Promise<void> {
  const { trainable, optimizer, network, training, side, image, mask } = makeNetwork();
  const dispatches = await recordDispatches(async () => {
    using _scope = new Scope();
    const onGpu = (data: Float32Array<ArrayBuffer>) => fromArray(data, [side, side]);
    const slices = {
      supportImage: onGpu(image),
      supportMask: onGpu(mask),
      queryImage: onGpu(image),
      queryMask: onGpu(mask),
    };
    const episode = augment(slices, drawAugmentation(new Random(1, "augmentation", 1), training), training);
    trainable.step(episode, 1);
    optimizer.step(1e-4, 1);
    await segmentSlices(network, { image, mask }, [image]);
    await finished();
  });
  const { device } = gpu();
  const turns = async (some: readonly Dispatch[], count: number) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let turn = 0; turn < count; turn++) {
      for (const one of some) {
        const other = dispatches.find(({ pipeline }) => pipeline !== one.pipeline)!;
        for (const { pipeline, group, workgroups } of [one, other]) {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          pass.dispatchWorkgroups(...workgroups);
        }
      }
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  /** KiB that the process keeps of one dispatch of each, on average. */
  const kept = async (some: readonly Dispatch[]) => {
    await turns(some, TURNS_BEFORE);
    const before = Deno.memoryUsage().rss;
    await turns(some, TURNS);
    return (Deno.memoryUsage().rss - before) / TURNS / 1024;
  };
  for (let first = 0; first < dispatches.length; first += AT_ONCE) { // a wait takes longer than the dispatches
    const some = dispatches.slice(first, first + AT_ONCE);
    if (await kept(some) < NOISE_KIB) continue;
    for (const one of some) {
      const kib = await kept([one]);
      if (kib > NOISE_KIB) console.log(JSON.stringify({ kernel: one.kernel, kib_a_dispatch: Math.round(kib) }));
    }
  }
  console.log(JSON.stringify({ work, dispatches: dispatches.length }));
}

async function cases(): Promise<void> {
  const count = Number(values.count ?? 300);
  const dir = await Deno.makeTempDir();
  try {
    const { image, label } = phantomCase(0, { cases: 1, size: 192, slices: 24, seed: 2023 });
    const [imageFile, labelFile] = [join(dir, "image.nii.gz"), join(dir, "label.nii.gz")];
    await writeNifti(imageFile, image);
    await writeNifti(labelFile, label);
    const ids = Array.from({ length: count }, (_, i) => String(i));
    const { nodes } = collectNodes(() => {
      const given = (file: string) => rawCases(new Map(ids.map((id) => [id, file])));
      const grid = { full: 192, border: 12, target: 96, side: 97 };
      const recipe = sabsRecipe({ lowerHU: -125, upperHU: 275 }, grid);
      const windowed = window({ images: given(imageFile), labels: given(labelFile) }, {
        recipe: recipe.window,
        classes: SABS_CLASSES.length,
      });
      const { images, labels } = resample(windowed, { recipe: recipe.resample });
      sliceIndex({ labels }, { classes: [...SABS_CLASSES], minPixels: [1, 100] });
      return supervoxels({ images }, { minVoxels: 800 });
    });
    const every = Math.max(1, Math.floor(count / 5));
    const report = ({ event, stage, done = 0 }: PipelineEvent) => {
      if (event === "progress" && done % every === 0) show(done, stage!);
    };
    await new Run(nodes, {
      work: dir,
      digests: new DigestMemory(dir),
      reporter: { report },
      signal: new AbortController().signal,
      versions: () => ({}),
    }).execute();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const WORKS: Record<string, () => Promise<void>> = { training, slices, cases, kernels };
if (!WORKS[work]) {
  console.error(`Unknown work "${work}": expected one of ${Object.keys(WORKS).join(", ")}`);
  Deno.exit(2);
}
if (Deno.build.os === "linux") Deno.env.set("DENO_WEBGPU_BACKEND", "vulkan");
forceKernelSet(Deno.env.get("DFDT_KERNELS") as KernelSet | undefined);
if (work !== "cases") await openDevice();
await WORKS[work]();
if (work !== "cases") await finished();
Deno.exit(0);
