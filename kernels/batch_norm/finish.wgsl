// Mean and 1/√(variance + ε) of every channel, from the sums of all chunks or from the running statistics; the running
// statistics move by `momentum`, with the unbiased variance. One thread a channel.
override threads: u32 = 64;
struct Sizes { rows: u32, channels: u32, chunks: u32, training: u32, momentum: f32, epsilon: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, channels]
@group(0) @binding(2) var<storage, read> sums: array<f32>; // [chunks, channels]
@group(0) @binding(3) var<storage, read> squares: array<f32>; // [chunks, channels]
@group(0) @binding(4) var<storage, read_write> runningMean: array<f32>;
@group(0) @binding(5) var<storage, read_write> runningVariance: array<f32>;
@group(0) @binding(6) var<storage, read_write> mean: array<f32>;
@group(0) @binding(7) var<storage, read_write> inverse: array<f32>; // 1/√(variance + ε)

@compute @workgroup_size(threads)
fn batchNormFinish(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= sizes.channels) { return; }
  if (sizes.training == 0u) {
    mean[c] = runningMean[c];
    inverse[c] = 1.0 / sqrt(runningVariance[c] + sizes.epsilon);
    return;
  }
  var total = 0.0;
  var square = 0.0;
  for (var k = 0u; k < sizes.chunks; k++) {
    total += sums[k * sizes.channels + c];
    square += squares[k * sizes.channels + c];
  }
  let count = f32(sizes.rows);
  let shift = total / count;
  let variance = max(square / count - shift * shift, 0.0);
  mean[c] = x[c] + shift;
  inverse[c] = 1.0 / sqrt(variance + sizes.epsilon);
  let unbiased = variance * count / max(count - 1.0, 1.0);
  runningMean[c] += sizes.momentum * (x[c] + shift - runningMean[c]);
  runningVariance[c] += sizes.momentum * (unbiased - runningVariance[c]);
}
