// y = x / max(‖x‖, ε) over every row. One thread a row.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read_write> norms: array<f32>; // [rows]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [rows, columns]

@compute @workgroup_size(threads)
fn normalizeRows(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y * (65535u * threads) + id.x;
  if (r >= sizes.rows) { return; }
  let start = r * sizes.columns;
  var square = 0.0;
  for (var c = 0u; c < sizes.columns; c++) { square += x[start + c] * x[start + c]; }
  let norm = sqrt(square);
  norms[r] = norm;
  let scale = 1.0 / max(norm, sizes.epsilon);
  for (var c = 0u; c < sizes.columns; c++) { y[start + c] = x[start + c] * scale; }
}
