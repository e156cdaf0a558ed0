// Sums of a chunk of rows, per channel: of the gradient before the ReLU and of it times x̂. A thread sums four channels over
// `length` rows.
override threads: u32 = 64;
override relu: u32 = 0; // 0: none; 1: its input is computed again from x; 2: it is read off y, a residual was added
struct Sizes { rows: u32, groups: u32, length: u32, chunks: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [rows, groups]
@group(0) @binding(2) var<storage, read> y: array<vec4f>; // [rows, groups]
@group(0) @binding(3) var<storage, read> gradY: array<vec4f>; // [rows, groups]
@group(0) @binding(4) var<storage, read> norm: array<vec4f>; // [4, groups]: mean, inverse, inverse·weight, bias
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>; // [chunks, 2, groups]: of gradients, of products

@compute @workgroup_size(threads)
fn batchNormGradientSums(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.chunks * sizes.groups) { return; }
  let c = t % sizes.groups;
  let chunk = t / sizes.groups;
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.rows);
  let mean = norm[c];
  let factor = norm[2u * sizes.groups + c];
  let bias = norm[3u * sizes.groups + c];
  var total = vec4f(0.0);
  var product = vec4f(0.0);
  for (var r = first; r < end; r++) {
    let i = r * sizes.groups + c;
    let centred = x[i] - mean;
    var g = gradY[i];
    if (relu == 1u) { g = select(vec4f(0.0), g, centred * factor + bias > vec4f(0.0)); }
    if (relu == 2u) { g = select(vec4f(0.0), g, y[i] > vec4f(0.0)); }
    total += g;
    product += g * centred;
  }
  partials[2u * chunk * sizes.groups + c] = total;
  partials[(2u * chunk + 1u) * sizes.groups + c] = product * norm[sizes.groups + c];
}
