// y[m, c] = x[index[m], c]. One thread an element.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32 } // of y
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(threads)
fn gatherRows(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.rows * sizes.columns) { return; }
  y[t] = x[u32(index[t / sizes.columns]) * sizes.columns + t % sizes.columns];
}
