// y = x with its dimensions in another order: y[i0, …, i4] = x[Σ i_k · stride_k]. One thread an element.
override threads: u32 = 64;
struct Sizes {
  n0: u32, n1: u32, n2: u32, n3: u32, n4: u32, // of y
  s0: u32, s1: u32, s2: u32, s3: u32, s4: u32, // strides in x
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(threads)
fn permute(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.n0 * sizes.n1 * sizes.n2 * sizes.n3 * sizes.n4) { return; }
  var rest = t;
  var source = (rest % sizes.n4) * sizes.s4;
  rest /= sizes.n4;
  source += (rest % sizes.n3) * sizes.s3;
  rest /= sizes.n3;
  source += (rest % sizes.n2) * sizes.s2;
  rest /= sizes.n2;
  source += (rest % sizes.n1) * sizes.s1 + (rest / sizes.n1) * sizes.s0;
  y[t] = x[source];
}
