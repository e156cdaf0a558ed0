// Packs a convolution's weights [out, in, taps] for a pass whose results are `rows` and whose inner dimension is `inner`:
// packed[tile, tap, inner/4, row of the tile] as vec4 along inner. The forward pass has rows = out; the data gradient has
// rows = in. One thread a vec4; taps and tiles are dimensions of the dispatch, which saves divisions. What lies beyond the
// real rows and channels becomes zero. The weights are a read-only storage texture: four loads from a buffer cost more than
// four texels and the picking.
override threads: u32 = 64;
const TILE: u32 = 16;
// rowStride, innerStride: distance of neighbours in the stored weights
struct Sizes { rows: u32, inner: u32, taps: u32, groups: u32, rowStride: u32, innerStride: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var weight: texture_storage_2d<rgba32float, read>; // [out, in, taps], four elements a texel
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>; // [tiles, taps, groups, TILE]

fn element(i: u32, real: bool) -> f32 {
  let at = select(0u, i, real);
  let texel = textureLoad(weight, vec2u((at >> 2u) & 4095u, at >> 14u));
  let odd = (at & 1u) == 1u;
  return select(0.0, select(select(texel.x, texel.y, odd), select(texel.z, texel.w, odd), (at & 2u) == 2u), real);
}

@compute @workgroup_size(threads)
fn packWeights(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= sizes.groups * TILE) { return; }
  let c = 4u * (id.x / TILE);
  let tap = id.y;
  let row = id.z * TILE + id.x % TILE;
  let at = row * sizes.rowStride + c * sizes.innerStride + tap;
  let known = row < sizes.rows;
  packed[(id.z * sizes.taps + tap) * sizes.groups * TILE + id.x] = vec4f(
    element(at, known && c < sizes.inner),
    element(at + sizes.innerStride, known && c + 1u < sizes.inner),
    element(at + 2u * sizes.innerStride, known && c + 2u < sizes.inner),
    element(at + 3u * sizes.innerStride, known && c + 3u < sizes.inner),
  );
}
