// partials[chunk, tap, o, c] = sum over the pixels p of that chunk of gradY[p, o] · x[source(p, tap), c].
// A thread computes OUT output × IN input channels of one tap over one chunk of pixels, TOGETHER pixels at a time: the results
// do not fit the registers, so each is fetched and put back once for TOGETHER multiply-adds. Chunks keep both cores busy
// where the weights are few, and are summed afterwards. Operands come from textures (24 cycles a load, a buffer's 700).
const OUT: u32 = 16u;
const IN: u32 = 8u;
const TOGETHER: u32 = 4u;
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

// Integer division on SIMD lanes goes lane by lane, 200 cycles; by floats it costs 10.
fn divide(a: u32, b: u32) -> u32 {
  let q = u32(f32(a) / f32(b));
  let rest = i32(a - q * b); // rounding leaves q at most one off
  return select(select(q, q + 1u, rest >= i32(b)), q - 1u, rest < 0);
}

@compute @workgroup_size(8)
fn weightGradient(@builtin(global_invocation_id) id: vec3u) {
  let inTiles = (sizes.inGroups + IN / 4u - 1u) / (IN / 4u);
  let outTiles = (sizes.outGroups + OUT / 4u - 1u) / (OUT / 4u);
  let t = id.y * (65535u * 8u) + id.x;
  if (t >= inTiles * outTiles * sizes.taps * sizes.chunks) { return; }
  let outTaps = divide(t, inTiles);
  let inTile = t - outTaps * inTiles;
  let tapChunks = divide(outTaps, outTiles);
  let outTile = outTaps - tapChunks * outTiles;
  let chunk = divide(tapChunks, sizes.taps);
  let tap = tapChunks - chunk * sizes.taps;
  let tapRow = divide(tap, sizes.kernelWidth);
  let kx = i32(tap - tapRow * sizes.kernelWidth) * sizes.dilation - sizes.padding;
  let ky = i32(tapRow) * sizes.dilation - sizes.padding;
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.pixels);
  let line = divide(first, sizes.width);
  var column = first - line * sizes.width;
  var image = divide(line, sizes.height);
  var row = line - image * sizes.height;
  var acc: array<array<f32, IN>, OUT>;
  for (var p = first; p < end; p += TOGETHER) {
    var ofX: array<array<vec4f, IN / 4u>, TOGETHER>;
    var ofGradY: array<u32, TOGETHER>; // where the pixel begins
    for (var u = 0u; u < TOGETHER; u++) { // unrolled
      let sx = i32(column) * sizes.stride + kx;
      let sy = i32(row) * sizes.stride + ky;
      let inside = p + u < end && sx >= 0 && sy >= 0 && sx < i32(sizes.sourceWidth) && sy < i32(sizes.sourceHeight);
      let counts = select(0.0, 1.0, inside);
      let pixel = (image * sizes.sourceHeight + u32(sy)) * sizes.sourceWidth + u32(sx);
      let at = select(0u, pixel * sizes.inGroups, inside);
      ofGradY[u] = min(p + u, sizes.pixels - 1u) * sizes.outGroups;
      for (var c = 0u; c < IN / 4u; c++) { // unrolled
        ofX[u][c] = x[at + min(inTile * (IN / 4u) + c, sizes.inGroups - 1u)] * counts;
      }
      column++;
      let wrapsX = column == sizes.width;
      column = select(column, 0u, wrapsX);
      row = select(row, row + 1u, wrapsX);
      let wrapsY = row == sizes.height;
      row = select(row, 0u, wrapsY);
      image = select(image, image + 1u, wrapsY);
    }
    for (var o = 0u; o < OUT / 4u; o++) { // unrolled
      var g: array<vec4f, TOGETHER>;
      for (var u = 0u; u < TOGETHER; u++) { // unrolled
        g[u] = gradY[ofGradY[u] + min(outTile * (OUT / 4u) + o, sizes.outGroups - 1u)];
      }
      for (var k = 0u; k < 4u; k++) { // unrolled
        for (var c = 0u; c < IN; c++) { // unrolled
          var total = acc[4u * o + k][c];
          for (var u = 0u; u < TOGETHER; u++) { // unrolled
            total = fma(g[u][k], ofX[u][c / 4u][c % 4u], total);
          }
          acc[4u * o + k][c] = total;
        }
      }
    }
  }
  let base = ((chunk * sizes.taps + tap) * 4u * sizes.outGroups + outTile * OUT) * sizes.inGroups + inTile * (IN / 4u);
  for (var o = 0u; o < OUT; o++) { // unrolled
    for (var c = 0u; c < IN / 4u; c++) { // unrolled
      if (outTile * (OUT / 4u) + o / 4u < sizes.outGroups && inTile * (IN / 4u) + c < sizes.inGroups) {
        partials[base + o * sizes.inGroups + c] = vec4f(acc[o][4u * c], acc[o][4u * c + 1u], acc[o][4u * c + 2u], acc[o][4u * c + 3u]);
      }
    }
  }
}
