// partials[chunk, tap, o, c] = sum over the pixels p of that chunk of gradY[p, o] · x[source(p, tap), c]. A workgroup is one
// subgroup of 8 and computes OUT output channels of 8 · IN vec4s of taps and input channels over one chunk of pixels, TOGETHER
// pixels at a time. A lane holds IN of the vec4s, taps × inGroups one after the other, and loads x for those. gradY is loaded
// once for all lanes, each lane another part of it, and handed round: a load for 8 lanes costs llvmpipe 24 cycles, a hand-round
// one. Chunks keep both cores busy where the weights are few, and are summed afterwards. Sums run over the pixels in order
// whatever the tile: the same bits.
const OUT: u32 = 16u; // a multiple of 4
const IN: u32 = 1u;
const TOGETHER: u32 = 4u;
const TEXELS: u32 = OUT / 4u * TOGETHER; // of gradY in a round
const LOADS: u32 = (TEXELS + 7u) / 8u;
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

@compute @workgroup_size(8)
fn weightGradient(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let inTile = group.x;
  let outTile = group.y;
  let chunk = group.z;
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.pixels);
  let line = first / sizes.width;
  var column = first - line * sizes.width;
  var image = line / sizes.height;
  var row = line - image * sizes.height;
  let firstOut = outTile * (OUT / 4u);
  let last = sizes.taps * sizes.inGroups - 1u;
  var kx: array<i32, IN>;
  var ky: array<i32, IN>;
  var inGroup: array<u32, IN>;
  for (var c = 0u; c < IN; c++) { // unrolled
    let i = min((inTile * IN + c) * 8u + lane, last);
    let tap = i / sizes.inGroups;
    let tapRow = tap / sizes.kernelWidth;
    inGroup[c] = i - tap * sizes.inGroups;
    kx[c] = i32(tap - tapRow * sizes.kernelWidth) * sizes.dilation - sizes.padding;
    ky[c] = i32(tapRow) * sizes.dilation - sizes.padding;
  }
  var acc: array<array<f32, 4u * IN>, OUT>;
  for (var p = first; p < end; p += TOGETHER) {
    var g: array<vec4f, LOADS>;
    for (var l = 0u; l < LOADS; l++) { // unrolled
      let i = min(8u * l + lane, TEXELS - 1u); // texel of the round: of pixel i / (OUT / 4)
      let pixel = min(p + i / (OUT / 4u), sizes.pixels - 1u);
      g[l] = gradY[pixel * sizes.outGroups + min(firstOut + i % (OUT / 4u), sizes.outGroups - 1u)];
    }
    var ofX: array<array<vec4f, IN>, TOGETHER>;
    for (var u = 0u; u < TOGETHER; u++) { // unrolled
      for (var c = 0u; c < IN; c++) { // unrolled
        let sx = i32(column) * sizes.stride + kx[c];
        let sy = i32(row) * sizes.stride + ky[c];
        let inside = p + u < end && sx >= 0 && sy >= 0 && sx < i32(sizes.sourceWidth) && sy < i32(sizes.sourceHeight);
        let pixel = (image * sizes.sourceHeight + u32(sy)) * sizes.sourceWidth + u32(sx);
        ofX[u][c] = x[select(0u, pixel * sizes.inGroups + inGroup[c], inside)] * select(0.0, 1.0, inside);
      }
      column++;
      let wrapsX = column == sizes.width;
      column = select(column, 0u, wrapsX);
      row = select(row, row + 1u, wrapsX);
      let wrapsY = row == sizes.height;
      row = select(row, 0u, wrapsY);
      image = select(image, image + 1u, wrapsY);
    }
    for (var o = 0u; o < OUT; o++) { // unrolled
      for (var u = 0u; u < TOGETHER; u++) { // unrolled
        let value = subgroupShuffle(g[(u * (OUT / 4u) + o / 4u) / 8u][o % 4u], (u * (OUT / 4u) + o / 4u) % 8u);
        for (var c = 0u; c < 4u * IN; c++) { // unrolled
          acc[o][c] = fma(value, ofX[u][c / 4u][c % 4u], acc[o][c]);
        }
      }
    }
  }
  for (var o = 0u; o < OUT; o++) { // unrolled
    for (var c = 0u; c < IN; c++) { // unrolled
      let i = (inTile * IN + c) * 8u + lane;
      let tap = i / sizes.inGroups;
      if (firstOut + o / 4u < sizes.outGroups && i <= last) {
        partials[((chunk * sizes.taps + tap) * 4u * sizes.outGroups + 4u * firstOut + o) * sizes.inGroups + inGroup[c]] =
          vec4f(acc[o][4u * c], acc[o][4u * c + 1u], acc[o][4u * c + 2u], acc[o][4u * c + 3u]);
      }
    }
  }
}
