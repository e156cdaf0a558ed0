// Moves `columns` columns between two matrices: y[r, at + c] = x[r, first + c]. One thread an element.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32, sourceWidth: u32, first: u32, targetWidth: u32, at: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(threads)
fn moveColumns(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.rows * sizes.columns) { return; }
  let r = t / sizes.columns;
  let c = t % sizes.columns;
  y[r * sizes.targetWidth + sizes.at + c] = x[r * sizes.sourceWidth + sizes.first + c];
}
