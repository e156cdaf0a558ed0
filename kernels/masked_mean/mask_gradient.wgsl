// gradMask[r] = x[r]·gradTotals − along. One thread a row.
override threads: u32 = 64;
struct Sizes { rows: u32, groups: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [rows, groups]
@group(0) @binding(2) var<storage, read> gradTotals: array<vec4f>; // [groups]
@group(0) @binding(3) var<storage, read> along: array<f32>; // [1]
@group(0) @binding(4) var<storage, read_write> gradMask: array<f32>; // [rows]

@compute @workgroup_size(threads)
fn maskedMeanMaskGradient(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y * (65535u * threads) + id.x;
  if (r >= sizes.rows) { return; }
  var total = vec4f(0.0);
  for (var c = 0u; c < sizes.groups; c++) { total += x[r * sizes.groups + c] * gradTotals[c]; }
  gradMask[r] = total.x + total.y + total.z + total.w - along[0];
}
