// y[o, i] = sum of x[o, m, i] over m, by a workgroup for every LANES columns: one dispatch where a sum by threads needs two.
// A column is an element: a number, or a vec4 of four neighbouring columns.
alias Element = f32;
const THREADS: u32 = 256;
override LANES: u32 = 1; // a power of two
override onto: u32 = 0; // 1: added to what y holds
struct Sizes { middle: u32, columns: u32, scale: f32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<Element>; // [outer, middle, columns]
@group(0) @binding(2) var<storage, read_write> y: array<Element>; // [outer, columns]

var<workgroup> partial: array<Element, THREADS>;

@compute @workgroup_size(THREADS)
fn sumTogether(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let column = group.x * LANES + thread % LANES;
  var total = Element(0.0);
  if (column < sizes.columns) {
    for (var m = thread / LANES; m < sizes.middle; m += THREADS / LANES) {
      total += x[(group.y * sizes.middle + m) * sizes.columns + column];
    }
  }
  partial[thread] = total;
  for (var half = THREADS / 2u; half >= LANES; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { partial[thread] += partial[thread + half]; }
  }
  if (thread >= LANES || column >= sizes.columns) { return; }
  let result = partial[thread] * sizes.scale;
  let i = group.y * sizes.columns + column;
  if (onto == 1u) { y[i] += result; } else { y[i] = result; }
}
