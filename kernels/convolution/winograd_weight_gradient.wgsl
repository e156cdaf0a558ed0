// gradW = Gᵀ P G: the gradient of every 3 × 3 kernel from those of its 36 transformed weights. A thread takes four input channels,
// whose 36 numbers are nine vec4s.
override threads: u32 = 64;
struct Sizes { kernels: u32 } // out · in / 4
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> transformed: array<vec4f>; // [36, out, in / 4]
@group(0) @binding(2) var<storage, read_write> gradW: array<vec4f>; // [out, in, 3, 3]

fn transform(a: vec4f, b: vec4f, c: vec4f, d: vec4f, e: vec4f, f: vec4f) -> array<vec4f, 3> {
  return array<vec4f, 3>(
    a / 4.0 - (b + c) / 6.0 + (d + e) / 24.0,
    (c - b) / 6.0 + (d - e) / 12.0,
    f - (b + c) / 6.0 + (d + e) / 6.0,
  );
}

@compute @workgroup_size(threads)
fn winogradWeightGradient(@builtin(global_invocation_id) id: vec3u) {
  let at = id.y * (65535u * threads) + id.x;
  if (at >= sizes.kernels) { return; }
  var half: array<array<vec4f, 3>, 6>; // by columns
  for (var j = 0u; j < 6u; j++) { // unrolled
    var p: array<vec4f, 6>;
    for (var i = 0u; i < 6u; i++) { // unrolled
      p[i] = transformed[(6u * i + j) * sizes.kernels + at];
    }
    half[j] = transform(p[0], p[1], p[2], p[3], p[4], p[5]);
  }
  var g: array<array<vec4f, 3>, 3>; // rows of taps, four channels each
  for (var i = 0u; i < 3u; i++) { // unrolled
    g[i] = transform(half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]);
  }
  for (var i = 0u; i < 9u; i++) { // unrolled
    var four: vec4f;
    for (var c = 0u; c < 4u; c++) { // unrolled
      four[c] = g[(4u * i + c) % 9u / 3u][(4u * i + c) % 3u][(4u * i + c) / 9u];
    }
    gradW[9u * at + i] = four;
  }
}
