// y[k, c] = mean of x[r, c] over the rows r of segment k, in their order; 0 for an empty one. One thread an element.
override threads: u32 = 64;
struct Sizes { segments: u32, columns: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read> starts: array<u32>; // [segments + 1]
@group(0) @binding(3) var<storage, read> list: array<u32>; // [rows]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [segments, columns]

@compute @workgroup_size(threads)
fn segmentMean(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.segments * sizes.columns) { return; }
  let k = t / sizes.columns;
  var total = 0.0;
  for (var i = starts[k]; i < starts[k + 1u]; i++) { total += x[list[i] * sizes.columns + t % sizes.columns]; }
  y[t] = total / f32(max(starts[k + 1u] - starts[k], 1u));
}
