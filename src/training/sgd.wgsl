// v = momentum·v + (clip·g + decay·θ); θ = θ − rate·v, for all parameters at once; blocks without gradient stay as they are.
// clip = min(1, largest norm / norm), or 1 if no largest norm is set. One vec4 a thread.
override threads: u32 = 64;
const BLOCK: u32 = 64;
struct Options { momentum: f32, decay: f32, largestNorm: f32 } // largestNorm 0: no clipping
@group(0) @binding(0) var<uniform> options: Options;
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read> activeBlocks: array<u32>;
@group(0) @binding(3) var<storage, read> squaredNorm: array<f32>; // [1]
@group(0) @binding(4) var<storage, read> rate: array<f32>; // [1]
@group(0) @binding(5) var<storage, read_write> values: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> gradientNorm: array<f32>; // [1]

@compute @workgroup_size(threads)
fn sgd(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  let norm = sqrt(squaredNorm[0]);
  if (i == 0u) { gradientNorm[0] = norm; }
  if (i >= arrayLength(&values) || activeBlocks[i / (BLOCK / 4u)] == 0u) { return; }
  var clip = 1.0;
  if (options.largestNorm > 0.0 && norm > options.largestNorm) { clip = options.largestNorm / norm; }
  let v = options.momentum * velocity[i] + (clip * gradients[i] + options.decay * values[i]);
  velocity[i] = v;
  values[i] -= rate[0] * v;
}
