export {
  fittingKernels,
  forbidSubgroups,
  forceKernelSet,
  type Gpu,
  gpu,
  type KernelSet,
  kernelSet,
  openDevice,
  preferAdapter,
  subgroups,
} from "./adapter.ts";
export { askedFor, type AskedWork, hearWork } from "./asked_work.ts";
export { acquireBuffer, releaseBuffer } from "./buffers.ts";
export type { BufferView, PooledBuffer } from "./buffer_view.ts";
export { finished, submit } from "./commands.ts";
export { DeviceError, tellDeviceFaults } from "./device_faults.ts";
export { type Binding, type Bindings, type Kernel, kernel, type KernelOptions, type Work } from "./kernel.ts";
export { type Mode, mode } from "./mode.ts";
export { type LiveObjects, liveObjects } from "./objects.ts";
export { prewarm } from "./pipelines.ts";
export { type DeviceListener, type DeviceSpan, endProfile, startProfile } from "./profile.ts";
export { countMemory, freeAllIdle, type MemoryUse, memoryUse, resetPeakMemory, settlePools } from "./pool.ts";
export { keepTilesIn, type TileStore } from "./tiles.ts";
export { clear, copy, readBack, upload } from "./transfer.ts";
export { type Declaration, type TexelWidth, type TextureForm, Wgsl } from "./wgsl.ts";
