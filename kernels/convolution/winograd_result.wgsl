// y = Aᵀ m A: four by four results of every tile and channel from the products of its 36 places. A workgroup takes 32 vec4s of
// channels of one tile; tiles are those of `winograd_image.wgsl`.
struct Sizes {
  width: u32, height: u32, // of the result
  groups: u32, // its channels / 4
  dilation: u32,
  columns: u32, rows: u32, // of tiles, all phases together
  longX: u32, mostX: u32, leastX: u32, // phases with the most tiles along x, these, and those of each other phase
  longY: u32, mostY: u32, leastY: u32,
  tiles: u32, // N · rows · columns
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> products: array<vec4f>; // [36, tiles, groups]
@group(0) @binding(2) var<storage, read_write> result: array<vec4f>; // [N, height, width, groups]

// First pixel of the results of a tile along an axis.
fn startOf(i: u32, long: u32, most: u32, least: u32) -> u32 {
  if (i < long * most) { return i / most + i % most * 4u * sizes.dilation; }
  let rest = i - long * most;
  return long + rest / max(least, 1u) + rest % max(least, 1u) * 4u * sizes.dilation;
}

fn transform(a: vec4f, b: vec4f, c: vec4f, d: vec4f, e: vec4f, f: vec4f) -> array<vec4f, 4> {
  return array<vec4f, 4>(
    a + (b + c) + (d + e),
    (b - c) + 2.0 * (d - e),
    (b + c) + 4.0 * (d + e),
    (b - c) + 8.0 * (d - e) + f,
  );
}

@compute @workgroup_size(32)
fn winogradResult(@builtin(workgroup_id) block: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let group = block.x * 32u + local.x;
  if (group >= sizes.groups) { return; }
  let tile = block.y;
  let line = tile / sizes.columns;
  let picture = line / sizes.rows;
  let firstX = startOf(tile - line * sizes.columns, sizes.longX, sizes.mostX, sizes.leastX);
  let firstY = startOf(line - picture * sizes.rows, sizes.longY, sizes.mostY, sizes.leastY);
  var half: array<array<vec4f, 4>, 6>; // by columns
  for (var j = 0u; j < 6u; j++) { // unrolled
    var m: array<vec4f, 6>;
    for (var i = 0u; i < 6u; i++) { // unrolled
      m[i] = products[((6u * i + j) * sizes.tiles + tile) * sizes.groups + group];
    }
    half[j] = transform(m[0], m[1], m[2], m[3], m[4], m[5]);
  }
  for (var i = 0u; i < 4u; i++) { // unrolled
    let y = firstY + i * sizes.dilation;
    let results = transform(half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]);
    for (var j = 0u; j < 4u; j++) { // unrolled
      let x = firstX + j * sizes.dilation;
      if (x < sizes.width && y < sizes.height) {
        result[((picture * sizes.height + y) * sizes.width + x) * sizes.groups + group] = results[j];
      }
    }
  }
}
