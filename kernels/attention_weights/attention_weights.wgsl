// y = softmax(scale·x + bias + mask) over every row of x, [images, windows, heads, rows, columns]: the bias is that of a head,
// the mask that of a window. One thread a row: there are thousands of rows of 64.
override threads: u32 = 64;
override masked: u32 = 0;
struct Sizes { rows: u32, columns: u32, perHead: u32, heads: u32, windows: u32, scale: f32 } // rows of all; perHead: rows of a head
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read> bias: array<f32>; // [heads, perHead, columns]
@group(0) @binding(3) var<storage, read> mask: array<f32>; // [windows, perHead, columns]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [rows, columns]

@compute @workgroup_size(threads)
fn attentionWeights(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y * (65535u * threads) + id.x;
  if (r >= sizes.rows) { return; }
  let start = r * sizes.columns;
  let within = r % sizes.perHead;
  let head = (r / sizes.perHead) % sizes.heads;
  let window = (r / (sizes.perHead * sizes.heads)) % sizes.windows;
  let ofBias = (head * sizes.perHead + within) * sizes.columns;
  let ofMask = (window * sizes.perHead + within) * sizes.columns;
  var largest = -3.4e38;
  for (var c = 0u; c < sizes.columns; c++) {
    var value = sizes.scale * x[start + c] + bias[ofBias + c];
    if (masked == 1u) { value += mask[ofMask + c]; }
    y[start + c] = value;
    largest = max(largest, value);
  }
  var total = 0.0;
  for (var c = 0u; c < sizes.columns; c++) {
    let e = exp(y[start + c] - largest);
    y[start + c] = e;
    total += e;
  }
  let share = 1.0 / total;
  for (var c = 0u; c < sizes.columns; c++) { y[start + c] *= share; }
}
