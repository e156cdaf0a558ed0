// gradX[r, c] = sum of gradY[m, c] over the m with index[m] = r, which lie in `list` from starts[r] on, ascending. One thread
// an element: no atomics.
override threads: u32 = 64;
override onto: u32 = 0; // 1: added to what gradX holds
struct Sizes { rows: u32, columns: u32 } // of x
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> starts: array<i32>; // [rows + 1]
@group(0) @binding(2) var<storage, read> list: array<i32>;
@group(0) @binding(3) var<storage, read> gradY: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradX: array<f32>;

@compute @workgroup_size(threads)
fn gatherRowsGradient(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.rows * sizes.columns) { return; }
  let r = t / sizes.columns;
  var total = 0.0;
  for (var k = starts[r]; k < starts[r + 1u]; k++) { total += gradY[u32(list[k]) * sizes.columns + t % sizes.columns]; }
  if (onto == 1u) { gradX[t] += total; } else { gradX[t] = total; }
}
