// V = Bᵀ d B for every tile of 6 × 6 pixels and every channel: what Winograd's F(4×4, 3×3) multiplies (docs/decisions.md). A
// workgroup takes 32 vec4s of channels of one tile. Tiles overlap by two pixels; a dilated convolution is dilation² plain ones,
// each on every dilation-th pixel of every dilation-th row, so tiles are of one of these. Pixels outside of the image are zero.
struct Sizes {
  width: u32, height: u32, // of the image
  groups: u32, // its channels / 4
  dilation: u32,
  columns: u32, rows: u32, // of tiles, all phases together
  longX: u32, mostX: u32, leastX: u32, // phases with the most tiles along x, these, and those of each other phase
  longY: u32, mostY: u32, leastY: u32,
  tiles: u32, // N · rows · columns
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> image: array<vec4f>; // [N, height, width, groups]
@group(0) @binding(2) var<storage, read_write> transformed: array<vec4f>; // [36, tiles, groups]

// First pixel of the results of a tile along an axis.
fn startOf(i: u32, long: u32, most: u32, least: u32) -> u32 {
  if (i < long * most) { return i / most + i % most * 4u * sizes.dilation; }
  let rest = i - long * most;
  return long + rest / max(least, 1u) + rest % max(least, 1u) * 4u * sizes.dilation;
}

fn transform(a: vec4f, b: vec4f, c: vec4f, d: vec4f, e: vec4f, f: vec4f) -> array<vec4f, 6> {
  return array<vec4f, 6>(
    4.0 * a - 5.0 * c + e,
    d + e - 4.0 * (b + c),
    e - d + 4.0 * (b - c),
    e - c + 2.0 * (d - b),
    e - c + 2.0 * (b - d),
    4.0 * b - 5.0 * d + f,
  );
}

@compute @workgroup_size(32)
fn winogradImage(@builtin(workgroup_id) block: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let group = block.x * 32u + local.x;
  if (group >= sizes.groups) { return; }
  let tile = block.y;
  let line = tile / sizes.columns;
  let picture = line / sizes.rows;
  let firstX = i32(startOf(tile - line * sizes.columns, sizes.longX, sizes.mostX, sizes.leastX)) - i32(sizes.dilation);
  let firstY = i32(startOf(line - picture * sizes.rows, sizes.longY, sizes.mostY, sizes.leastY)) - i32(sizes.dilation);
  var half: array<array<vec4f, 6>, 6>; // by columns
  for (var j = 0u; j < 6u; j++) { // unrolled
    let x = firstX + i32(j * sizes.dilation);
    var d: array<vec4f, 6>;
    for (var i = 0u; i < 6u; i++) { // unrolled
      let y = firstY + i32(i * sizes.dilation);
      let inside = x >= 0 && y >= 0 && x < i32(sizes.width) && y < i32(sizes.height);
      let pixel = (picture * sizes.height + u32(y)) * sizes.width + u32(x);
      d[i] = select(vec4f(0.0), image[select(0u, pixel * sizes.groups, inside) + group], inside);
    }
    half[j] = transform(d[0], d[1], d[2], d[3], d[4], d[5]);
  }
  for (var i = 0u; i < 6u; i++) { // unrolled
    let v = transform(half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]);
    for (var j = 0u; j < 6u; j++) { // unrolled
      transformed[((6u * i + j) * sizes.tiles + tile) * sizes.groups + group] = v[j];
    }
  }
}
