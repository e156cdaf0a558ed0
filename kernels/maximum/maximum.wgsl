// y[o, i] = maximum of x[o, m, i] over m, and where it was first reached. One thread a result.
override threads: u32 = 64;
struct Sizes { outer: u32, middle: u32, inner: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [outer, middle, inner]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [outer, inner]
@group(0) @binding(3) var<storage, read_write> position: array<u32>; // [outer, inner], index into x

@compute @workgroup_size(threads)
fn maximum(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.outer * sizes.inner) { return; }
  let start = (t / sizes.inner) * sizes.middle * sizes.inner + t % sizes.inner;
  var largest = x[start];
  var found = start;
  for (var m = 1u; m < sizes.middle; m++) {
    let at = start + m * sizes.inner;
    if (x[at] > largest) { largest = x[at]; found = at; }
  }
  y[t] = largest;
  position[t] = found;
}
