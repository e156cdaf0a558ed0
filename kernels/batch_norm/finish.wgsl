// What every channel is normalised by, from the sums of all chunks or from the running statistics; the running statistics move
// by `momentum`, with the unbiased variance. One thread a channel.
override threads: u32 = 64;
struct Sizes { rows: u32, channels: u32, chunks: u32, training: u32, momentum: f32, epsilon: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, channels]
@group(0) @binding(2) var<storage, read> partials: array<f32>; // [chunks, 2, channels]
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> runningMean: array<f32>;
@group(0) @binding(6) var<storage, read_write> runningVariance: array<f32>;
@group(0) @binding(7) var<storage, read_write> norm: array<f32>; // [4, channels]: mean, 1/√(variance + ε), that times weight, bias

fn put(c: u32, mean: f32, inverse: f32) {
  norm[c] = mean;
  norm[sizes.channels + c] = inverse;
  norm[2u * sizes.channels + c] = inverse * weight[c];
  norm[3u * sizes.channels + c] = bias[c];
}

@compute @workgroup_size(threads)
fn batchNormFinish(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= sizes.channels) { return; }
  if (sizes.training == 0u) {
    put(c, runningMean[c], 1.0 / sqrt(runningVariance[c] + sizes.epsilon));
    return;
  }
  var total = 0.0;
  var square = 0.0;
  for (var k = 0u; k < sizes.chunks; k++) {
    total += partials[2u * k * sizes.channels + c];
    square += partials[(2u * k + 1u) * sizes.channels + c];
  }
  let count = f32(sizes.rows);
  let shift = total / count;
  let variance = max(square / count - shift * shift, 0.0);
  put(c, x[c] + shift, 1.0 / sqrt(variance + sizes.epsilon));
  let unbiased = variance * count / max(count - 1.0, 1.0);
  runningMean[c] += sizes.momentum * (x[c] + shift - runningMean[c]);
  runningVariance[c] += sizes.momentum * (unbiased - runningVariance[c]);
}
