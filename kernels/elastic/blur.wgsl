// y = x convolved with a normalised Gaussian along one axis, mirrored about the last pixel's centre, times `scale`. One pixel
// a thread.
override threads: u32 = 64;
struct Sizes { height: u32, width: u32, vertical: u32, radius: i32, sigma: f32, scale: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [height, width]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [height, width]

fn mirrored(at: i32, n: i32) -> i32 {
  if (n == 1) { return 0; }
  let period = 2 * (n - 1);
  let wrapped = ((at % period) + period) % period;
  return min(wrapped, period - wrapped);
}

@compute @workgroup_size(threads)
fn blur(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.height * sizes.width) { return; }
  let column = i32(i % sizes.width);
  let row = i32(i / sizes.width);
  var total = 0.0;
  var weights = 0.0;
  for (var k = -sizes.radius; k <= sizes.radius; k++) {
    let w = exp(-f32(k * k) / (2.0 * sizes.sigma * sizes.sigma));
    var at = row * i32(sizes.width) + mirrored(column + k, i32(sizes.width));
    if (sizes.vertical == 1u) { at = mirrored(row + k, i32(sizes.height)) * i32(sizes.width) + column; }
    total += w * x[u32(at)];
    weights += w;
  }
  y[i] = total / weights * sizes.scale;
}
