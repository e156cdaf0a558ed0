/**
 * What a branch on a uniform alone costs on Mesa 22's lavapipe, and where it is mended: `deno run -A bench/uniform_branch.ts`.
 *
 * Before a dispatch lavapipe puts the values of uniforms that decide a branch or bound a loop into a kernel of over 100
 * instructions. Where that shortens it by half, or unrolls a loop, it compiles the kernel so, at every dispatch that follows
 * one of another kernel, and keeps the result for ever (`update_inline_shader_state` in `lvp_execute.c`; Mesa 23.1 keeps one
 * for each set of values instead). The same choice as a constant of the pipeline is compiled once.
 */
import { acquireBuffer, finished, kernel, openDevice } from "../src/gpu/mod.ts";

const long = Array.from({ length: 30 }, (_, i) => `v = sin(v * ${i + 1}.0 + x[(id.x + ${i}u) & 63u]);`).join(" ");
const source = (which: string, declaration: string) => `
${declaration}
struct Sizes { which: u32, count: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn choose(@builtin(global_invocation_id) id: vec3u) {
  var v = x[id.x & 63u];
  if (${which} == 1u) { ${long} }
  if (id.x < sizes.count) { y[id.x] = v; }
}`;

Deno.env.set("DENO_WEBGPU_BACKEND", "vulkan");
const { adapterName } = await openDevice();
console.log(adapterName);
const view = () => ({ buffer: acquireBuffer(256), byteOffset: 0, byteSize: 256 });
const [x, y] = [view(), view()];
const other = kernel(source("0u", ""), "choose");
for (
  const [name, which, declaration] of [
    ["uniform", "sizes.which", ""],
    ["constant", "which", "override which: u32 = 0;"],
  ]
) {
  const choose = kernel(source(which, declaration), "choose");
  const turns = async (count: number) => {
    for (let i = 0; i < count; i++) {
      choose.dispatch({ sizes: { which: 0, count: 64 }, x, y }, { threads: 64 });
      other.dispatch({ sizes: { which: 0, count: 64 }, x, y }, { threads: 64 });
    }
    await finished();
  };
  await turns(200);
  const before = Deno.memoryUsage().rss, start = performance.now();
  await turns(1000);
  const kib = (Deno.memoryUsage().rss - before) / 1000 / 1024, ms = (performance.now() - start) / 1000;
  console.log(`branch on a ${name}: ${kib.toFixed(2)} KiB and ${ms.toFixed(2)} ms a dispatch and its neighbour`);
}
Deno.exit(0);
