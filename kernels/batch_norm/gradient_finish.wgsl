// The gradients of bias and weight, sums over all chunks, and what of them is taken off the gradient of every x. One thread a
// channel.
override threads: u32 = 64;
struct Sizes { channels: u32, chunks: u32, perRow: f32 } // perRow: 1/rows in training, else 0
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> partials: array<f32>; // [chunks, 2, channels]
@group(0) @binding(2) var<storage, read_write> gradBias: array<f32>; // sum of gradients
@group(0) @binding(3) var<storage, read_write> gradWeight: array<f32>; // sum of gradients times x̂
@group(0) @binding(4) var<storage, read_write> means: array<f32>; // [2, channels]: of both

@compute @workgroup_size(threads)
fn batchNormGradientFinish(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= sizes.channels) { return; }
  var total = 0.0;
  var product = 0.0;
  for (var k = 0u; k < sizes.chunks; k++) {
    total += partials[2u * k * sizes.channels + c];
    product += partials[(2u * k + 1u) * sizes.channels + c];
  }
  gradBias[c] = total;
  gradWeight[c] = product;
  means[c] = sizes.perRow * total;
  means[sizes.channels + c] = sizes.perRow * product;
}
