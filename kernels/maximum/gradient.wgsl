// gradX[position[t]] = gradY[t]; everything else was set to 0 before. One thread a maximum, each with a place of its own.
override threads: u32 = 64;
struct Sizes { count: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> position: array<u32>;
@group(0) @binding(2) var<storage, read> gradY: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradX: array<f32>;

@compute @workgroup_size(threads)
fn maximumGradient(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t < sizes.count) { gradX[position[t]] = gradY[t]; }
}
