// Packs a convolution's weights [out, in, taps] for a pass whose results are `rows` and whose inner dimension is `inner`:
// packed[tile, tap, inner/4, row of the tile] as vec4 along inner, and after them the bias of every row, four a vec4. The
// forward pass has rows = out; the data gradient has rows = in. One thread a vec4; taps and tiles are dimensions of the
// dispatch, since integer divisions would cost more than the loads. What lies beyond the real rows and channels is zero.
override threads: u32 = 64;
const TILE: u32 = 16;
// rowStride, innerStride: distance of neighbours in the stored weights
struct Sizes { rows: u32, inner: u32, taps: u32, groups: u32, tiles: u32, rowStride: u32, innerStride: u32, biased: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> weight: array<f32>; // [out, in, taps]
@group(0) @binding(2) var<storage, read> bias: array<f32>; // [rows], not looked at unless biased
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>; // [tiles, taps, groups, TILE], [tiles, TILE / 4]

@compute @workgroup_size(threads)
fn packWeights(@builtin(global_invocation_id) id: vec3u) {
  let tap = id.y; // the one after the last packs the bias
  let tile = id.z;
  let perTap = sizes.groups * TILE;
  if (id.x >= select(perTap, TILE / 4u, tap == sizes.taps)) { return; }
  var value = vec4f(0.0);
  if (tap == sizes.taps) {
    for (var k = 0u; k < 4u; k++) {
      let row = tile * TILE + 4u * id.x + k;
      if (sizes.biased == 1u && row < sizes.rows) { value[k] = bias[row]; }
    }
    packed[sizes.tiles * sizes.taps * perTap + tile * (TILE / 4u) + id.x] = value;
    return;
  }
  let group = id.x / TILE;
  let row = tile * TILE + id.x % TILE;
  let at = row * sizes.rowStride + 4u * group * sizes.innerStride + tap;
  for (var k = 0u; k < 4u; k++) {
    if (row < sizes.rows && 4u * group + k < sizes.inner) { value[k] = weight[at + k * sizes.innerStride]; }
  }
  packed[(tile * sizes.taps + tap) * perTap + id.x] = value;
}
