// The gradient before the softmax, gradLogits = y·(gradY − Σ y·gradY) over every row, and gradX = scale·gradLogits. One thread
// a row.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32, scale: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> y: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read> gradY: array<f32>; // [rows, columns]
@group(0) @binding(3) var<storage, read_write> gradLogits: array<f32>; // [rows, columns]
@group(0) @binding(4) var<storage, read_write> gradX: array<f32>; // [rows, columns]

@compute @workgroup_size(threads)
fn attentionWeightsGradient(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y * (65535u * threads) + id.x;
  if (r >= sizes.rows) { return; }
  let start = r * sizes.columns;
  var along = 0.0;
  for (var c = 0u; c < sizes.columns; c++) { along += y[start + c] * gradY[start + c]; }
  for (var c = 0u; c < sizes.columns; c++) {
    let gradient = y[start + c] * (gradY[start + c] - along);
    gradLogits[start + c] = gradient;
    gradX[start + c] = sizes.scale * gradient;
  }
}
