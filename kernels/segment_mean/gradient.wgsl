// gradX[r, c] = gradY[k, c] / (rows of k) for the segment k of row r, else 0. One thread an element.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> assignment: array<i32>; // [rows]
@group(0) @binding(2) var<storage, read> starts: array<u32>; // [segments + 1]
@group(0) @binding(3) var<storage, read> gradY: array<f32>; // [segments, columns]
@group(0) @binding(4) var<storage, read_write> gradX: array<f32>; // [rows, columns]

@compute @workgroup_size(threads)
fn segmentMeanGradient(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.rows * sizes.columns) { return; }
  let k = assignment[t / sizes.columns];
  var value = 0.0;
  if (k >= 0) { value = gradY[u32(k) * sizes.columns + t % sizes.columns] / f32(starts[k + 1] - starts[k]); }
  gradX[t] = value;
}
