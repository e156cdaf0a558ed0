// Bilinear resampling, channels-last. Where source positions are whole numbers the weights are exactly 0 and 1, since
// positions are fractions of integers. One thread a result and channel.
alias Element = f32; // or vec4f: four neighbouring channels
override threads: u32 = 64;
override corners: u32 = 0; // corner-aligned, else half-pixel positions
struct Sizes { images: u32, height: u32, width: u32, channels: u32, outHeight: u32, outWidth: u32 } // channels in elements
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<Element>; // [images, height, width, channels]
@group(0) @binding(2) var<storage, read_write> y: array<Element>; // [images, outHeight, outWidth, channels]

struct Place { low: u32, high: u32, share: f32 } // (1 - share)·x[low] + share·x[high]

fn place(d: u32, n: u32, out: u32) -> Place {
  // half-pixel: max((d + 1/2)·n/out − 1/2, 0); corner-aligned: d·(n − 1)/(out − 1)
  var numerator = max(i32((2u * d + 1u) * n) - i32(out), 0);
  var denominator = i32(2u * out);
  if (corners == 1u) {
    numerator = i32(d * (n - 1u));
    denominator = i32(max(out - 1u, 1u));
  }
  let low = divide(numerator, denominator);
  return Place(u32(low), min(u32(low) + 1u, n - 1u), f32(numerator - low * denominator) / f32(denominator));
}

// Integer division on SIMD lanes goes lane by lane, 200 cycles; by floats it costs 10.
fn divide(a: i32, b: i32) -> i32 {
  let q = i32(f32(a) / f32(b));
  let rest = a - q * b; // rounding leaves q at most one off
  return select(select(q, q + 1, rest >= b), q - 1, rest < 0);
}

@compute @workgroup_size(threads)
fn resize(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.images * sizes.outHeight * sizes.outWidth * sizes.channels) { return; }
  let c = t % sizes.channels;
  let h = place((t / sizes.channels) % sizes.outWidth, sizes.width, sizes.outWidth);
  let v = place((t / (sizes.channels * sizes.outWidth)) % sizes.outHeight, sizes.height, sizes.outHeight);
  let image = t / (sizes.channels * sizes.outWidth * sizes.outHeight);
  let top = (image * sizes.height + v.low) * sizes.width;
  let bottom = (image * sizes.height + v.high) * sizes.width;
  let upper = (1.0 - h.share) * x[(top + h.low) * sizes.channels + c] + h.share * x[(top + h.high) * sizes.channels + c];
  let lower = (1.0 - h.share) * x[(bottom + h.low) * sizes.channels + c] + h.share * x[(bottom + h.high) * sizes.channels + c];
  y[t] = (1.0 - v.share) * upper + v.share * lower;
}
