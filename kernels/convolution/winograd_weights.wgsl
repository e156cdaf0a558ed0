// U = G g Gᵀ of every 3 × 3 kernel g, turned by half a circle for the data gradient. A thread takes four input channels, whose
// 36 numbers are nine vec4s.
override threads: u32 = 64;
struct Sizes { kernels: u32, turned: u32 } // out · in / 4
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [out, in, 3, 3]
@group(0) @binding(2) var<storage, read_write> transformed: array<vec4f>; // [36, out, in / 4]

fn transform(a: vec4f, b: vec4f, c: vec4f) -> array<vec4f, 6> {
  return array<vec4f, 6>(
    a / 4.0,
    -(a + b + c) / 6.0,
    -(a - b + c) / 6.0,
    a / 24.0 + b / 12.0 + c / 6.0,
    a / 24.0 - b / 12.0 + c / 6.0,
    c,
  );
}

@compute @workgroup_size(threads)
fn winogradWeights(@builtin(global_invocation_id) id: vec3u) {
  let at = id.y * (65535u * threads) + id.x;
  if (at >= sizes.kernels) { return; }
  var numbers: array<vec4f, 9>;
  for (var i = 0u; i < 9u; i++) { // unrolled
    numbers[i] = weight[9u * at + i];
  }
  var g: array<vec4f, 9>; // by taps
  for (var k = 0u; k < 9u; k++) { // unrolled
    let straight = vec4f(
      numbers[k / 4u][k % 4u],
      numbers[(k + 9u) / 4u][(k + 9u) % 4u],
      numbers[(k + 18u) / 4u][(k + 18u) % 4u],
      numbers[(k + 27u) / 4u][(k + 27u) % 4u],
    );
    let turned = vec4f(
      numbers[(8u - k) / 4u][(8u - k) % 4u],
      numbers[(17u - k) / 4u][(17u - k) % 4u],
      numbers[(26u - k) / 4u][(26u - k) % 4u],
      numbers[(35u - k) / 4u][(35u - k) % 4u],
    );
    g[k] = select(straight, turned, sizes.turned == 1u);
  }
  var half: array<array<vec4f, 6>, 3>; // by columns
  for (var j = 0u; j < 3u; j++) { // unrolled
    half[j] = transform(g[j], g[3u + j], g[6u + j]);
  }
  for (var i = 0u; i < 6u; i++) { // unrolled
    let u = transform(half[0][i], half[1][i], half[2][i]);
    for (var j = 0u; j < 6u; j++) { // unrolled
      transformed[(6u * i + j) * sizes.kernels + at] = u[j];
    }
  }
}
