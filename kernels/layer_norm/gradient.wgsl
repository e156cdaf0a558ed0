// gradX = inverse·(g − mean(g) − x̂·mean(g·x̂)) with g = gradY·weight, over every row. One thread a row.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> statistics: array<vec2f>; // [rows]
@group(0) @binding(4) var<storage, read> gradY: array<f32>; // [rows, columns]
@group(0) @binding(5) var<storage, read_write> gradX: array<f32>; // [rows, columns]

@compute @workgroup_size(threads)
fn layerNormGradient(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y * (65535u * threads) + id.x;
  if (r >= sizes.rows) { return; }
  let start = r * sizes.columns;
  let mean = statistics[r].x;
  let inverse = statistics[r].y;
  var total = 0.0;
  var along = 0.0;
  for (var c = 0u; c < sizes.columns; c++) {
    let g = gradY[start + c] * weight[c];
    total += g;
    along += g * (x[start + c] - mean) * inverse;
  }
  total /= f32(sizes.columns);
  along /= f32(sizes.columns);
  for (var c = 0u; c < sizes.columns; c++) {
    let normalized = (x[start + c] - mean) * inverse;
    gradX[start + c] = inverse * (gradY[start + c] * weight[c] - total - normalized * along);
  }
}
