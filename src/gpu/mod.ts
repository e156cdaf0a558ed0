export { forceKernelSet, type Gpu, gpu, type KernelSet, kernelSet, openDevice, preferAdapter } from "./adapter.ts";
export { acquireBuffer, type PooledBuffer, releaseBuffer } from "./buffers.ts";
export { finished, submit } from "./commands.ts";
export { type Binding, type BufferView, isDryRun, type Kernel, kernel, prewarm, type Work } from "./kernel.ts";
export { type LiveObjects, liveObjects } from "./objects.ts";
export { countMemory, freeAllIdle, type MemoryUse, memoryUse, resetPeakMemory, settlePools } from "./pool.ts";
export { type FlatTexture, releaseTexture, TEXELS_PER_ROW, textureOf } from "./textures.ts";
export { clear, copy, readBack, upload } from "./transfer.ts";
