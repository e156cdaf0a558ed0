// y = (x - mean)/√(variance + ε)·weight + bias over every row. One thread a row: there are hundreds of rows of at most a
// few hundred columns.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> statistics: array<vec2f>; // [rows] of mean, 1/√(variance + ε)
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [rows, columns]

@compute @workgroup_size(threads)
fn layerNorm(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y * (65535u * threads) + id.x;
  if (r >= sizes.rows) { return; }
  let start = r * sizes.columns;
  var mean = 0.0;
  for (var c = 0u; c < sizes.columns; c++) { mean += x[start + c]; }
  mean /= f32(sizes.columns);
  var variance = 0.0;
  for (var c = 0u; c < sizes.columns; c++) {
    let d = x[start + c] - mean;
    variance += d * d;
  }
  let inverse = 1.0 / sqrt(variance / f32(sizes.columns) + sizes.epsilon);
  statistics[r] = vec2f(mean, inverse);
  for (var c = 0u; c < sizes.columns; c++) { y[start + c] = (x[start + c] - mean) * inverse * weight[c] + bias[c]; }
}
