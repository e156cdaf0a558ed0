// y = eˣ / Σ eˣ over every row, shifted by the row's maximum. One thread a row: there are thousands of rows of 64.
override threads: u32 = 64;
struct Sizes { rows: u32, columns: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [rows, columns]

@compute @workgroup_size(threads)
fn softmax(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y * (65535u * threads) + id.x;
  if (r >= sizes.rows) { return; }
  let start = r * sizes.columns;
  var largest = x[start];
  for (var c = 1u; c < sizes.columns; c++) { largest = max(largest, x[start + c]); }
  var total = 0.0;
  for (var c = 0u; c < sizes.columns; c++) {
    let e = exp(x[start + c] - largest);
    y[start + c] = e;
    total += e;
  }
  let scale = 1.0 / total;
  for (var c = 0u; c < sizes.columns; c++) { y[start + c] *= scale; }
}
