// What every channel is normalised by, from the sums of all chunks or from the running statistics; the running statistics move
// by `momentum`, with the unbiased variance. One thread for four channels.
override threads: u32 = 64;
struct Sizes { rows: u32, groups: u32, chunks: u32, training: u32, momentum: f32, epsilon: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [rows, groups]
@group(0) @binding(2) var<storage, read> partials: array<vec4f>; // [chunks, 2, groups]
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> runningMean: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> runningVariance: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> norm: array<vec4f>; // [4, groups]: mean, 1/√(variance + ε), that times weight, bias

fn put(c: u32, mean: vec4f, inverse: vec4f) {
  norm[c] = mean;
  norm[sizes.groups + c] = inverse;
  norm[2u * sizes.groups + c] = inverse * weight[c];
  norm[3u * sizes.groups + c] = bias[c];
}

@compute @workgroup_size(threads)
fn batchNormFinish(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= sizes.groups) { return; }
  if (sizes.training == 0u) {
    put(c, runningMean[c], 1.0 / sqrt(runningVariance[c] + sizes.epsilon));
    return;
  }
  var total = vec4f(0.0);
  var square = vec4f(0.0);
  for (var k = 0u; k < sizes.chunks; k++) {
    total += partials[2u * k * sizes.groups + c];
    square += partials[(2u * k + 1u) * sizes.groups + c];
  }
  let count = f32(sizes.rows);
  let shift = total / count;
  let variance = max(square / count - shift * shift, vec4f(0.0));
  put(c, x[c] + shift, 1.0 / sqrt(variance + sizes.epsilon));
  let unbiased = variance * count / max(count - 1.0, 1.0);
  runningMean[c] += sizes.momentum * (x[c] + shift - runningMean[c]);
  runningVariance[c] += sizes.momentum * (unbiased - runningVariance[c]);
}
