// The gradient of the soft edges: as a weight of the precision, and wherever a window of 5 × 5 has its largest edge here. One
// thread a pixel asks all windows that cover it, in row-major order: no atomics, always the same order.
override threads: u32 = 64;
struct Sizes { height: u32, width: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> edges: array<vec4f>; // [height, width]: soft of either channel, hard of either
@group(0) @binding(2) var<storage, read> reach: array<vec4f>; // as edges
@group(0) @binding(3) var<storage, read> winners: array<vec2u>; // [height, width]
@group(0) @binding(4) var<storage, read> totals: array<f32>; // [8]: loss, nothing; of either channel P, ∂/∂P / Σ soft, ∂/∂R / Σ hard
@group(0) @binding(5) var<storage, read> gradLoss: array<f32>; // [1]
@group(0) @binding(6) var<storage, read_write> gradEdges: array<vec2f>; // [height, width]

@compute @workgroup_size(threads)
fn boundaryReachGradient(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.height * sizes.width) { return; }
  let row = i / sizes.width;
  let column = i % sizes.width;
  var reached = vec2f(0.0);
  for (var r = max(row, 2u) - 2u; r < min(row + 3u, sizes.height); r++) {
    for (var k = max(column, 2u) - 2u; k < min(column + 3u, sizes.width); k++) {
      let at = r * sizes.width + k;
      reached += select(vec2f(0.0), edges[at].zw, winners[at] == vec2u(i));
    }
  }
  let shareOfSoft = vec2f(totals[2], totals[3]);
  let byPrecision = vec2f(totals[4], totals[5]);
  let byRecall = vec2f(totals[6], totals[7]);
  gradEdges[i] = gradLoss[0] * (byPrecision * (reach[i].zw - shareOfSoft) + byRecall * reached);
}
