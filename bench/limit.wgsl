// Nothing but multiply-adds on registers, three independent chains of vec4 a thread (more would spill): what the adapter's arithmetic gives at best.
override threads: u32 = 64;
struct Chain { rounds: u32, factor: f32, summand: f32 }
@group(0) @binding(0) var<uniform> chain: Chain;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(threads)
fn limit(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= arrayLength(&y)) { return; }
  let m = vec4f(chain.factor);
  let s = vec4f(chain.summand);
  var a = vec4f(f32(t)); var b = a + 1.0; var c = a + 2.0;
  for (var i = 0u; i < chain.rounds; i++) {
    a = fma(a, m, s); b = fma(b, m, s); c = fma(c, m, s);
    a = fma(a, m, s); b = fma(b, m, s); c = fma(c, m, s);
    a = fma(a, m, s); b = fma(b, m, s); c = fma(c, m, s);
  }
  y[t] = dot(a + b + c, vec4f(1.0));
}
