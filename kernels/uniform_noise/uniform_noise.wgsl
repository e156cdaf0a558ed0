// y[i] uniform in [-1, 1), from a hash of two key words and the index alone (PCG-RXS-M-XS; Jarzynski and Olano, "Hash functions
// for GPU rendering", 2020), so that any field can be made again. One element a thread.
override threads: u32 = 64;
struct Options { count: u32 }
@group(0) @binding(0) var<uniform> options: Options;
@group(0) @binding(1) var<storage, read> keys: array<u32>; // [2]
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn hash(x: u32) -> u32 {
  let state = x * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

@compute @workgroup_size(threads)
fn uniformNoise(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= options.count) { return; }
  let bits = hash(hash(hash(keys[0]) ^ keys[1]) ^ i);
  y[i] = f32(bits >> 8u) / 8388608.0 - 1.0;
}
