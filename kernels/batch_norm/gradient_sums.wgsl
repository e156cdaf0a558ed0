// Sums of a chunk of rows, per channel: of gradY and of gradY·x̂. A thread sums four channels over `length` rows.
override threads: u32 = 64;
struct Sizes { rows: u32, groups: u32, length: u32, chunks: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [rows, groups]
@group(0) @binding(2) var<storage, read> gradY: array<vec4f>; // [rows, groups]
@group(0) @binding(3) var<storage, read> mean: array<vec4f>;
@group(0) @binding(4) var<storage, read> inverse: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> sums: array<vec4f>; // [chunks, groups]
@group(0) @binding(6) var<storage, read_write> products: array<vec4f>; // [chunks, groups]

@compute @workgroup_size(threads)
fn batchNormGradientSums(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.chunks * sizes.groups) { return; }
  let c = t % sizes.groups;
  let first = (t / sizes.groups) * sizes.length;
  let end = min(first + sizes.length, sizes.rows);
  let centre = mean[c];
  var total = vec4f(0.0);
  var product = vec4f(0.0);
  for (var r = first; r < end; r++) {
    let g = gradY[r * sizes.groups + c];
    total += g;
    product += g * (x[r * sizes.groups + c] - centre);
  }
  sums[t] = total;
  products[t] = product * inverse[c];
}
