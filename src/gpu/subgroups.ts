import trialSource from "./subgroups.wgsl" with { type: "text" };

/** Invocations of a subgroup that the kernels are written for: the lanes of one AVX2 register. */
export const SUBGROUP_SIZE = 8;

/** Before a text that uses subgroups: browsers want the line, Deno's compiler refuses it. */
const PREFIXES = ["", "enable subgroups;\n"];

/**
 * Tries whether eight invocations of a workgroup are one subgroup whose members can read each other's values. A device says
 * less than that: llvmpipe has subgroups without listing them.
 *
 * @returns what a text that uses them begins with; `undefined` where it does not work
 */
export async function trySubgroups(device: GPUDevice): Promise<string | undefined> {
  for (const prefix of PREFIXES) {
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: "trial of subgroups", code: prefix + trialSource });
    const fault = await device.popErrorScope();
    if (!fault) return await works(device, module) ? prefix : undefined;
  }
  return undefined;
}

async function works(device: GPUDevice, module: GPUShaderModule): Promise<boolean> {
  const size = SUBGROUP_SIZE * 16;
  const result = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  device.pushErrorScope("validation");
  try {
    const pipeline = await device.createComputePipelineAsync({
      layout: "auto",
      compute: { module, entryPoint: "trial" },
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const entries = [{ binding: 0, resource: { buffer: result } }];
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(result, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const found = new Uint32Array(staging.getMappedRange().slice(0));
    return Array.from({ length: SUBGROUP_SIZE }, (_, i) => [SUBGROUP_SIZE, i, 105, 200]).flat()
      .every((value, i) => found[i] === value);
  } catch {
    return false;
  } finally {
    await device.popErrorScope();
    result.destroy();
    staging.destroy();
  }
}
