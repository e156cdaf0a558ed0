// gradX[o, m, i] = gradY[o, i] · scale: the adjoint of a sum over the middle dimension. Four elements a thread.
override threads: u32 = 64;
struct Sizes { middle: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> gradY: array<f32>; // [outer, inner]
@group(0) @binding(2) var<storage, read_write> gradX: array<vec4f>; // [outer, middle, inner]

fn element(i: u32) -> f32 { return gradY[(i / (sizes.middle * sizes.inner)) * sizes.inner + i % sizes.inner]; }

@compute @workgroup_size(threads)
fn broadcastSum(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= arrayLength(&gradX)) { return; }
  let i = 4u * t;
  gradX[t] = sizes.scale * vec4f(element(i), element(i + 1u), element(i + 2u), element(i + 3u));
}
