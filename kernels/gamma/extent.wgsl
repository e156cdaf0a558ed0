// Lowest and highest element. One workgroup: every thread looks at every 64th element, then the first compares all.
const THREADS: u32 = 64;
struct Options { count: u32 }
@group(0) @binding(0) var<uniform> options: Options;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> extent: array<f32>; // [2]: lowest, highest
var<workgroup> found: array<vec2f, THREADS>;

@compute @workgroup_size(64)
fn extentOf(@builtin(local_invocation_index) local: u32) {
  var range = vec2f(x[0], x[0]);
  for (var i = local; i < options.count; i += THREADS) { range = vec2f(min(range.x, x[i]), max(range.y, x[i])); }
  found[local] = range;
  workgroupBarrier();
  if (local == 0u) {
    for (var k = 1u; k < THREADS; k++) { range = vec2f(min(range.x, found[k].x), max(range.y, found[k].y)); }
    extent[0] = range.x;
    extent[1] = range.y;
  }
}
