// The edges of both channels [1 − s, s] of a soft map and of a hard one: the largest neighbour of the complement within 3 × 3,
// minus the complement, which is the other channel; and where that neighbour is first reached in row-major order. One thread a
// pixel. s is the prediction, or the softmax of [1 − p, p].
override threads: u32 = 64;
override softmax: u32 = 0;
struct Sizes { height: u32, width: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> prediction: array<f32>; // [height, width]
@group(0) @binding(2) var<storage, read> label: array<f32>; // as prediction
@group(0) @binding(3) var<storage, read_write> edges: array<vec4f>; // [height, width]: soft of either channel, hard of either
@group(0) @binding(4) var<storage, read_write> winners: array<vec2u>; // [height, width]: pixels, of the soft edges

fn soft(p: f32) -> f32 {
  if (softmax == 1u) { return 1.0 / (1.0 + exp(1.0 - 2.0 * p)); }
  return p;
}

@compute @workgroup_size(threads)
fn boundaryEdges(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.height * sizes.width) { return; }
  let row = i / sizes.width;
  let column = i % sizes.width;
  var largest = vec4f(-3.4e38);
  var winner = vec2u(0u);
  for (var r = max(row, 1u) - 1u; r < min(row + 2u, sizes.height); r++) {
    for (var k = max(column, 1u) - 1u; k < min(column + 2u, sizes.width); k++) {
      let at = r * sizes.width + k;
      let s = soft(prediction[at]);
      let hard = label[at];
      let complements = vec4f(1.0 - s, s, 1.0 - hard, hard);
      winner = select(winner, vec2u(at), complements.xy > largest.xy);
      largest = max(largest, complements);
    }
  }
  let s = soft(prediction[i]);
  edges[i] = largest - vec4f(1.0 - s, s, 1.0 - label[i], label[i]);
  winners[i] = winner;
}
