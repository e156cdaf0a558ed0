// partials[chunk, tap, o, c] = sum over the pixels p of that chunk of gradY[p, o] · x[source(p, tap), c]: a product whose rows are
// output channels, whose columns are taps and input channels, and whose inner sum runs over pixels. A workgroup computes ROWS ×
// COLUMNS results, a thread 4 · ROW_QUADS × 4 · COLUMN_QUADS of them in registers. DEPTH pixels at a time lie in workgroup memory,
// which is there twice: the next ones are on their way while these are multiplied. A thread loads the same channels of every
// DEPTH-th pixel, and walks from one to the next without dividing. Chunks keep a large GPU busy where the weights are few, and are
// summed afterwards. Sums run over the pixels of a chunk in order whatever the tile, so that every tile gives the same bits.
const ROWS: u32 = 128u; // output channels of a tile
const COLUMNS: u32 = 128u; // taps and input channels of a tile
const DEPTH: u32 = 8u; // pixels, a multiple of 4
const ROW_QUADS: u32 = 2u;
const COLUMN_QUADS: u32 = 2u;
const THREADS: u32 = 256u; // ROWS / (4 · ROW_QUADS) · COLUMNS / (4 · COLUMN_QUADS)
const QUADS_G: u32 = ROWS / 4u; // of a tile
const QUADS_X: u32 = COLUMNS / 4u;
const WIDE: u32 = QUADS_X / COLUMN_QUADS; // threads along the columns
const HIGH: u32 = QUADS_G / ROW_QUADS; // threads along the rows
const LOADS_G: u32 = (QUADS_G * DEPTH + THREADS - 1u) / THREADS; // vec4s that a thread loads in a round
const LOADS_X: u32 = (QUADS_X * DEPTH + THREADS - 1u) / THREADS;
struct Sizes {
  pixels: u32, width: u32, height: u32, // of gradY, pixels = N · height · width
  sourceWidth: u32, sourceHeight: u32,
  outGroups: u32, inGroups: u32, // channels / 4
  kernelWidth: u32, taps: u32,
  stride: i32, padding: i32, dilation: i32,
  length: u32, chunks: u32, // pixels of a chunk
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [N · sourceHeight · sourceWidth, inGroups]
@group(0) @binding(2) var<storage, read> gradY: array<vec4f>; // [pixels, outGroups]
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>; // [chunks, taps, 4 · outGroups, inGroups]

var<workgroup> tileG: array<vec4f, 2u * QUADS_G * DEPTH>; // [2, DEPTH, QUADS_G]
var<workgroup> tileX: array<vec4f, 2u * QUADS_X * DEPTH>;

@compute @workgroup_size(THREADS)
fn weightGradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let across = local % WIDE;
  let down = local / WIDE;
  let columns = sizes.taps * sizes.inGroups;
  let firstColumn = group.x * QUADS_X; // in vec4s
  let firstRow = group.y * QUADS_G;
  let start = group.z * sizes.length;
  let end = min(start + sizes.length, sizes.pixels);

  // vec4 i of a round is quad i % QUADS of pixel i / QUADS.
  var atG: array<u32, LOADS_G>;
  var pixelG: array<u32, LOADS_G>;
  var insideG: array<bool, LOADS_G>;
  for (var l = 0u; l < LOADS_G; l++) { // unrolled
    let i = local + l * THREADS;
    let o = firstRow + i % QUADS_G;
    pixelG[l] = start + i / QUADS_G;
    atG[l] = pixelG[l] * sizes.outGroups + o;
    insideG[l] = o < sizes.outGroups;
  }
  var pixelX: array<u32, LOADS_X>;
  var column: array<u32, LOADS_X>; // of gradY
  var row: array<u32, LOADS_X>;
  var image: array<u32, LOADS_X>;
  var c: array<u32, LOADS_X>;
  var shift: array<vec2i, LOADS_X>; // of the tap
  var insideX: array<bool, LOADS_X>;
  for (var l = 0u; l < LOADS_X; l++) { // unrolled
    let i = local + l * THREADS;
    let tap = (firstColumn + i % QUADS_X) / sizes.inGroups;
    c[l] = (firstColumn + i % QUADS_X) % sizes.inGroups;
    shift[l] = vec2i(vec2u(tap % sizes.kernelWidth, tap / sizes.kernelWidth)) * sizes.dilation - sizes.padding;
    insideX[l] = tap < sizes.taps;
    pixelX[l] = start + i / QUADS_X;
    let line = pixelX[l] / sizes.width;
    column[l] = pixelX[l] % sizes.width;
    row[l] = line % sizes.height;
    image[l] = line / sizes.height;
  }

  var acc: array<array<vec4f, COLUMN_QUADS>, 4u * ROW_QUADS>;
  // Round i loads the i-th pixels and multiplies those before; the last one loads nothing that counts.
  let rounds = (end - start + DEPTH - 1u) / DEPTH;
  for (var round = 0u; round <= rounds; round++) {
    var ofG: array<vec4f, LOADS_G>;
    for (var l = 0u; l < LOADS_G; l++) { // unrolled
      let known = insideG[l] && pixelG[l] < end;
      ofG[l] = select(vec4f(0.0), gradY[select(0u, atG[l], known)], known);
      pixelG[l] += DEPTH;
      atG[l] += DEPTH * sizes.outGroups;
    }
    var ofX: array<vec4f, LOADS_X>;
    for (var l = 0u; l < LOADS_X; l++) { // unrolled
      let source = vec2i(vec2u(column[l], row[l])) * sizes.stride + shift[l];
      let inside = all(source >= vec2i(0)) && all(source < vec2i(vec2u(sizes.sourceWidth, sizes.sourceHeight)));
      let known = inside && insideX[l] && pixelX[l] < end;
      let line = image[l] * sizes.sourceHeight + u32(source.y);
      let at = (line * sizes.sourceWidth + u32(source.x)) * sizes.inGroups + c[l];
      ofX[l] = select(vec4f(0.0), x[select(0u, at, known)], known);
      pixelX[l] += DEPTH;
      column[l] += DEPTH;
      while (column[l] >= sizes.width) {
        column[l] -= sizes.width;
        row[l]++;
      }
      while (row[l] >= sizes.height) {
        row[l] -= sizes.height;
        image[l]++;
      }
    }
    if (round > 0u) {
      let before = (round - 1u) % 2u * DEPTH;
      for (var d = 0u; d < DEPTH; d++) {
        var g: array<vec4f, ROW_QUADS>;
        for (var q = 0u; q < ROW_QUADS; q++) { // unrolled
          g[q] = tileG[(before + d) * QUADS_G + down + q * HIGH];
        }
        for (var q = 0u; q < COLUMN_QUADS; q++) { // unrolled
          let v = tileX[(before + d) * QUADS_X + across + q * WIDE];
          for (var r = 0u; r < 4u * ROW_QUADS; r++) { // unrolled
            acc[r][q] = fma(vec4f(g[r / 4u][r % 4u]), v, acc[r][q]);
          }
        }
      }
    }
    let here = round % 2u * DEPTH;
    for (var l = 0u; l < LOADS_G; l++) { // unrolled
      if (local + l * THREADS < QUADS_G * DEPTH) { tileG[here * QUADS_G + local + l * THREADS] = ofG[l]; }
    }
    for (var l = 0u; l < LOADS_X; l++) { // unrolled
      if (local + l * THREADS < QUADS_X * DEPTH) { tileX[here * QUADS_X + local + l * THREADS] = ofX[l]; }
    }
    workgroupBarrier();
  }

  for (var q = 0u; q < COLUMN_QUADS; q++) { // unrolled
    let at = firstColumn + across + q * WIDE;
    let tap = at / sizes.inGroups;
    for (var r = 0u; r < 4u * ROW_QUADS; r++) { // unrolled
      let o = 4u * (firstRow + down + r / 4u * HIGH) + r % 4u;
      if (at < columns && o < 4u * sizes.outGroups) {
        partials[((group.z * sizes.taps + tap) * 4u * sizes.outGroups + o) * sizes.inGroups + at % sizes.inGroups] = acc[r][q];
      }
    }
  }
}
