// Packs a convolution's weights [out, in, taps] for a pass whose results are `rows` and whose inner dimension is `inner`:
// packed[tile, tap, inner/4, row of the tile] as vec4 along inner. The forward pass has rows = out; the data gradient has
// rows = in. One thread a vec4. Rows and inner channels beyond the real ones become zero.
override threads: u32 = 64;
const TILE: u32 = 16;
// rowStride, innerStride: distance of neighbours in the stored weights
struct Sizes { rows: u32, inner: u32, taps: u32, groups: u32, tiles: u32, rowStride: u32, innerStride: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> weight: array<f32>; // [out, in, taps]
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>; // [tiles, taps, groups, TILE]

@compute @workgroup_size(threads)
fn packWeights(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.tiles * sizes.taps * sizes.groups * TILE) { return; }
  let group = (t / TILE) % sizes.groups;
  let tap = (t / (TILE * sizes.groups)) % sizes.taps;
  let row = (t / (TILE * sizes.groups * sizes.taps)) * TILE + t % TILE;
  var value = vec4f(0.0);
  for (var k = 0u; k < 4u; k++) {
    let c = 4u * group + k;
    if (row < sizes.rows && c < sizes.inner) {
      value[k] = weight[row * sizes.rowStride + c * sizes.innerStride + tap];
    }
  }
  packed[t] = value;
}
