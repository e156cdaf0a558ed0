// The gradient of the prediction from that of the soft edges: minus its own, plus those of the windows of 3 × 3 whose largest
// neighbour lies here, once for 1 − s and once for s. One thread a pixel, windows in row-major order.
override threads: u32 = 64;
override softmax: u32 = 0;
struct Sizes { height: u32, width: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> prediction: array<f32>; // [height, width]
@group(0) @binding(2) var<storage, read> gradEdges: array<vec2f>; // [height, width]
@group(0) @binding(3) var<storage, read> winners: array<vec2u>; // [height, width]
@group(0) @binding(4) var<storage, read_write> gradPrediction: array<f32>; // as prediction

@compute @workgroup_size(threads)
fn boundaryEdgesGradient(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.height * sizes.width) { return; }
  let row = i / sizes.width;
  let column = i % sizes.width;
  var complements = -gradEdges[i];
  for (var r = max(row, 1u) - 1u; r < min(row + 2u, sizes.height); r++) {
    for (var k = max(column, 1u) - 1u; k < min(column + 2u, sizes.width); k++) {
      let at = r * sizes.width + k;
      complements += select(vec2f(0.0), gradEdges[at], winners[at] == vec2u(i));
    }
  }
  var slope = 1.0;
  if (softmax == 1u) {
    let s = 1.0 / (1.0 + exp(1.0 - 2.0 * prediction[i]));
    slope = 2.0 * s * (1.0 - s);
  }
  gradPrediction[i] = (complements.y - complements.x) * slope;
}
