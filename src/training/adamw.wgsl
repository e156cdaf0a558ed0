// m = β₁m + (1−β₁)·clip·g; v = β₂v + (1−β₂)·(clip·g)²; θ = θ − rate·decay·θ − rate·(m/c₁)/(√(v/c₂) + ε), for all parameters at
// once; blocks without gradient stay as they are. clip = min(1, largest norm / norm), or 1 if no largest norm is set; c₁ and
// c₂ are 1−β₁ᵗ and 1−β₂ᵗ. One vec4 a thread.
override threads: u32 = 64;
const BLOCK: u32 = 64;
// `fresh` is 1−β, made on the host in float64: 1−0.999 in float32 is wrong in the fifth digit. Largest norm 0: no clipping.
struct Options { beta1: f32, beta2: f32, fresh1: f32, fresh2: f32, epsilon: f32, decay: f32, largestNorm: f32 }
@group(0) @binding(0) var<uniform> options: Options;
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read> activeBlocks: array<u32>;
@group(0) @binding(3) var<storage, read> squaredNorm: array<f32>; // [1]
@group(0) @binding(4) var<storage, read> rate: array<f32>; // [3]: rate, c₁, c₂
@group(0) @binding(5) var<storage, read_write> values: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> firstMoment: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> secondMoment: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> gradientNorm: array<f32>; // [1]

@compute @workgroup_size(threads)
fn adamw(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  let norm = sqrt(squaredNorm[0]);
  if (i == 0u) { gradientNorm[0] = norm; }
  if (i >= arrayLength(&values) || activeBlocks[i / (BLOCK / 4u)] == 0u) { return; }
  var clip = 1.0;
  if (options.largestNorm > 0.0 && norm > options.largestNorm) { clip = options.largestNorm / norm; }
  let g = clip * gradients[i];
  let m = options.beta1 * firstMoment[i] + options.fresh1 * g;
  let v = options.beta2 * secondMoment[i] + options.fresh2 * g * g;
  firstMoment[i] = m;
  secondMoment[i] = v;
  let kept = values[i] - rate[0] * options.decay * values[i];
  values[i] = kept - rate[0] * (m / rate[1]) / (sqrt(v / rate[2]) + options.epsilon);
}
