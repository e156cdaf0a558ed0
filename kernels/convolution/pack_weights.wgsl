// Packs a convolution's weights [out, in, taps] for a pass whose results are `rows` and whose inner dimension is `inner`:
// packed[tile, tap, inner/4, row of the tile] as vec4 along inner. The forward pass has rows = out; the data gradient has
// rows = in. One thread a vec4; taps and tiles are dimensions of the dispatch, which saves divisions. What lies beyond the
// real rows and channels becomes zero.
override threads: u32 = 64;
const TILE: u32 = 16;
// rowStride, innerStride: distance of neighbours in the stored weights
struct Sizes { rows: u32, inner: u32, taps: u32, groups: u32, rowStride: u32, innerStride: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> weight: array<f32>; // [out, in, taps]
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>; // [tiles, taps, groups, TILE]

@compute @workgroup_size(threads)
fn packWeights(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= sizes.groups * TILE) { return; }
  let c = 4u * (id.x / TILE);
  let tap = id.y;
  let row = id.z * TILE + id.x % TILE;
  let at = row * sizes.rowStride + c * sizes.innerStride + tap;
  var value = vec4f(0.0);
  for (var k = 0u; k < 4u; k++) {
    if (row < sizes.rows && c + k < sizes.inner) { value[k] = weight[at + k * sizes.innerStride]; }
  }
  packed[(id.z * sizes.taps + tap) * sizes.groups * TILE + id.x] = value;
}
