// y[r, c] = column[r] · row[c], or that added to what y holds. One vec4 of a row a thread.
override threads: u32 = 64;
override onto: u32 = 0; // 1: added
struct Sizes { rows: u32, groups: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> column: array<f32>; // [rows]
@group(0) @binding(2) var<storage, read> row: array<vec4f>; // [groups]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [rows, groups]

@compute @workgroup_size(threads)
fn outer(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.rows * sizes.groups) { return; }
  let product = column[i / sizes.groups] * row[i % sizes.groups];
  if (onto == 1u) { y[i] += product; } else { y[i] = product; }
}
