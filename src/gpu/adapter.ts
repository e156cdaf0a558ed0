import { UserError } from "../errors.ts";
import { deviceLost, outOfMemory, tell } from "./device_faults.ts";
import { trySubgroups } from "./subgroups.ts";

/** Which of an operator's kernel files runs: `llvmpipe` is made for Mesa's software adapter and serves others, too, `gpu` for GPUs. */
export type KernelSet = "gpu" | "llvmpipe";

/**
 * The kernel set that fits an adapter, by what it says of itself and never by its name: on a processor, registers and loads
 * from textures count; on a GPU, memory that a workgroup shares. SwiftShader, which binds few textures at a time, segments a
 * slice in 0.4 of the time with the set that was made for llvmpipe (BENCHMARKS.md).
 */
export function fittingKernels({ isFallbackAdapter }: Pick<GPUAdapterInfo, "isFallbackAdapter">): KernelSet {
  return isFallbackAdapter ? "llvmpipe" : "gpu";
}

/** The one device of the process and what is known about it. */
export interface Gpu {
  /** The WebGPU device. */
  readonly device: GPUDevice;
  /** The adapter's own name, for example `llvmpipe (LLVM 15.0.6, 256 bits)`. */
  readonly adapterName: string;
  /** The kernel set that fits the adapter. */
  readonly adapterKernels: KernelSet;
  /** Bytes of the largest storage buffer binding. */
  readonly maxBindingBytes: number;
  /** What a text that uses subgroups of 8 begins with; `undefined` where there are none. */
  readonly subgroups: string | undefined;
}

/** Younger than the types that Deno knows. */
const SUBGROUPS = "subgroups" as GPUFeatureName;

let opened: Gpu | undefined;
let forced: KernelSet | undefined;
let withoutSubgroups = false;
let preference: GPUPowerPreference = "high-performance";

/** Which of the adapters that a system offers is opened: the fastest unless another is preferred. */
export function preferAdapter(power: GPUPowerPreference): void {
  preference = power;
}

/**
 * Opens the device of this process; later calls return the same one.
 *
 * @throws {UserError} of kind `adapter` if there is no usable WebGPU adapter
 */
export async function openDevice(): Promise<Gpu> {
  if (opened) return opened;
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: preference });
  if (!adapter) {
    throw new UserError(
      "adapter",
      "Cannot open a GPU: found no usable WebGPU adapter. Install a Vulkan driver " +
        "(Debian and Ubuntu: apt-get install mesa-vulkan-drivers, which also runs without a GPU), or run ./dfdt, " +
        "which does so; ./dfdt doctor says more",
    );
  }
  const {
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxStorageBuffersPerShaderStage,
    maxStorageTexturesPerShaderStage,
    maxComputeWorkgroupStorageSize,
  } = adapter.limits;
  const requiredLimits = {
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxStorageBuffersPerShaderStage,
    maxStorageTexturesPerShaderStage,
    maxComputeWorkgroupStorageSize,
  };
  const timestamps = adapter.features.has("timestamp-query") ? ["timestamp-query" as const] : [];
  // llvmpipe has subgroups, but Deno does not list them among its features.
  const device = await adapter.requestDevice({ requiredLimits, requiredFeatures: [...timestamps, SUBGROUPS] })
    .catch(() => adapter.requestDevice({ requiredLimits, requiredFeatures: timestamps }));
  const adapterName = adapter.info.description || adapter.info.device || adapter.info.vendor || "unnamed adapter";
  void device.lost.then(({ reason, message }) => tell(deviceLost(adapterName, message || reason)));
  const faults: string[] = [];
  // Without this listener a faulty pipeline or dispatch silently leaves zeros behind.
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    const { error } = event as GPUUncapturedErrorEvent;
    if (error instanceof GPUOutOfMemoryError && tell(outOfMemory(adapterName, error.message))) return;
    // One fault makes several messages, the first of which names the cause: they end the process together.
    if (faults.push(error.message) === 1) {
      setTimeout(() => reportError(new Error(`WebGPU: ${faults.join("\n")}`)));
    }
  });
  opened = {
    device,
    adapterName,
    adapterKernels: fittingKernels(adapter.info),
    maxBindingBytes: maxStorageBufferBindingSize,
    subgroups: await trySubgroups(device),
  };
  return opened;
}

/** The device that {@link openDevice} opened. */
export function gpu(): Gpu {
  if (!opened) throw new Error("Cannot use the GPU: expected openDevice() to have been awaited before");
  return opened;
}

/** What a text that uses subgroups of 8 begins with; `undefined` where kernels have to do without. */
export function subgroups(): string | undefined {
  return withoutSubgroups ? undefined : gpu().subgroups;
}

/** Forbids kernels that use subgroups, or allows them again: tests compare what both kinds compute. */
export function forbidSubgroups(forbidden: boolean): void {
  withoutSubgroups = forbidden;
}

/** The kernel set in force. */
export function kernelSet(): KernelSet {
  return forced ?? gpu().adapterKernels;
}

/** Forces a kernel set whatever the adapter (`DFDT_KERNELS`, and tests that run both); `undefined` lets the adapter decide. */
export function forceKernelSet(set: KernelSet | undefined): void {
  forced = set;
}
