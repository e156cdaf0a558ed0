// y[i] = 1 if x[i] > limit, else 0. One vec4 a thread.
override threads: u32 = 64;
struct Options { limit: f32 }
@group(0) @binding(0) var<uniform> options: Options;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(threads)
fn isAbove(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&y)) { y[i] = select(vec4f(0.0), vec4f(1.0), x[i] > vec4f(options.limit)); }
}
