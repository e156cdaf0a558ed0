// gradX = inverse·weight·(g − mean(g) − x̂·mean(g·x̂)) with the gradient g before the ReLU, which is that of a residual; with
// fixed statistics the means are 0. One vec4 a thread.
override threads: u32 = 64;
override relu: u32 = 0; // 0: none; 1: its input is computed again from x; 2: it is read off y, a residual was added
override residual: u32 = 0; // 1: g is written
struct Sizes { groups: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [rows, groups]
@group(0) @binding(2) var<storage, read> y: array<vec4f>; // [rows, groups]
@group(0) @binding(3) var<storage, read> gradY: array<vec4f>; // [rows, groups]
@group(0) @binding(4) var<storage, read> norm: array<vec4f>; // [4, groups]: mean, inverse, inverse·weight, bias
@group(0) @binding(5) var<storage, read> means: array<vec4f>; // [2, groups]: of g, of g·x̂
@group(0) @binding(6) var<storage, read_write> gradX: array<vec4f>; // [rows, groups]
@group(0) @binding(7) var<storage, read_write> gradResidual: array<vec4f>; // [rows, groups]

@compute @workgroup_size(threads)
fn batchNormGradient(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= arrayLength(&gradX)) { return; }
  let c = i % sizes.groups;
  let centred = x[i] - norm[c];
  let factor = norm[2u * sizes.groups + c];
  var g = gradY[i];
  if (relu == 1u) { g = select(vec4f(0.0), g, centred * factor + norm[3u * sizes.groups + c] > vec4f(0.0)); }
  if (relu == 2u) { g = select(vec4f(0.0), g, y[i] > vec4f(0.0)); }
  if (residual == 1u) { gradResidual[i] = g; }
  gradX[i] = factor * (g - means[c] - centred * norm[sizes.groups + c] * means[sizes.groups + c]);
}
