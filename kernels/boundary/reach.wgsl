// The largest edge within 5 × 5 of every pixel, and where it is first reached in row-major order. One thread a pixel.
override threads: u32 = 64;
struct Sizes { height: u32, width: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> edges: array<vec4f>; // [height, width]: soft of either channel, hard of either
@group(0) @binding(2) var<storage, read_write> reach: array<vec4f>; // as edges
@group(0) @binding(3) var<storage, read_write> winners: array<vec2u>; // [height, width]: pixels, of the soft edges

@compute @workgroup_size(threads)
fn boundaryReach(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.height * sizes.width) { return; }
  let row = i / sizes.width;
  let column = i % sizes.width;
  var largest = vec4f(-3.4e38);
  var winner = vec2u(0u);
  for (var r = max(row, 2u) - 2u; r < min(row + 3u, sizes.height); r++) {
    for (var k = max(column, 2u) - 2u; k < min(column + 3u, sizes.width); k++) {
      let edge = edges[r * sizes.width + k];
      winner = select(winner, vec2u(r * sizes.width + k), edge.xy > largest.xy);
      largest = max(largest, edge);
    }
  }
  reach[i] = largest;
  winners[i] = winner;
}
