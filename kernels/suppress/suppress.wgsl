// limit = (min a + mean a)/2, rounded down if asked for; y = a − 10000 where a < limit, else a. One thread: there are at most a hundred parts.
struct Sizes { count: u32, floored: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> limit: array<f32>; // [1]

@compute @workgroup_size(1)
fn suppress() {
  var smallest = a[0];
  var total = 0.0;
  for (var i = 0u; i < sizes.count; i++) {
    smallest = min(smallest, a[i]);
    total += a[i];
  }
  var bound = (smallest + total / f32(sizes.count)) / 2.0;
  if (sizes.floored == 1u) { bound = floor(bound); }
  limit[0] = bound;
  for (var i = 0u; i < sizes.count; i++) { y[i] = a[i] + select(0.0, -10000.0, a[i] < bound); }
}
