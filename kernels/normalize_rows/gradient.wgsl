// gradX = (gradY − y·(y·gradY)) / ‖x‖, or gradY / ε where the norm was below ε. One thread a row.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> y: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read> norms: array<f32>; // [rows]
@group(0) @binding(3) var<storage, read> gradY: array<f32>; // [rows, columns]
@group(0) @binding(4) var<storage, read_write> gradX: array<f32>; // [rows, columns]

@compute @workgroup_size(threads)
fn normalizeRowsGradient(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y * (65535u * threads) + id.x;
  if (r >= sizes.rows) { return; }
  let start = r * sizes.columns;
  let norm = norms[r];
  var along = 0.0;
  if (norm >= sizes.epsilon) {
    for (var c = 0u; c < sizes.columns; c++) { along += y[start + c] * gradY[start + c]; }
  }
  let scale = 1.0 / max(norm, sizes.epsilon);
  for (var c = 0u; c < sizes.columns; c++) { gradX[start + c] = (gradY[start + c] - y[start + c] * along) * scale; }
}
