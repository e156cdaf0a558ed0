// gradX = inverse·weight·(gradY − mean(gradY) − x̂·mean(gradY·x̂)); with fixed statistics the means count nothing. One vec4 a
// thread.
override threads: u32 = 64;
struct Sizes { groups: u32, perRow: f32 } // perRow: 1/rows in training, else 0
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [rows, groups]
@group(0) @binding(2) var<storage, read> gradY: array<vec4f>; // [rows, groups]
@group(0) @binding(3) var<storage, read> mean: array<vec4f>;
@group(0) @binding(4) var<storage, read> inverse: array<vec4f>;
@group(0) @binding(5) var<storage, read> weight: array<vec4f>;
@group(0) @binding(6) var<storage, read> gradBias: array<vec4f>; // sum of gradY
@group(0) @binding(7) var<storage, read> gradWeight: array<vec4f>; // sum of gradY·x̂
@group(0) @binding(8) var<storage, read_write> gradX: array<vec4f>; // [rows, groups]

@compute @workgroup_size(threads)
fn batchNormGradient(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= arrayLength(&gradX)) { return; }
  let c = i % sizes.groups;
  let normalized = (x[i] - mean[c]) * inverse[c];
  let centred = gradY[i] - sizes.perRow * (gradBias[c] + normalized * gradWeight[c]);
  gradX[i] = inverse[c] * weight[c] * centred;
}
