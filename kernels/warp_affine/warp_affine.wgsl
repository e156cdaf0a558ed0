// Bilinear warp of a slice, 0 outside, at source coordinates of whole 1/32 pixels: the sum of a term per column and a term
// per row, which the host rounds to 1/1024 as the published code's library does. One pixel a thread.
override threads: u32 = 64;
struct Sizes { height: u32, width: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [height, width]
@group(0) @binding(2) var<storage, read> terms: array<i32>; // x of columns, x of rows, y of columns, y of rows
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [height, width]

fn pixel(row: i32, column: i32) -> f32 {
  let inside = row >= 0 && column >= 0 && row < i32(sizes.height) && column < i32(sizes.width);
  return select(0.0, x[u32(max(row * i32(sizes.width) + column, 0))], inside);
}

@compute @workgroup_size(threads)
fn warpAffine(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.height * sizes.width) { return; }
  let column = i % sizes.width;
  let row = i / sizes.width;
  let sourceX = (terms[column] + terms[sizes.width + row] + 16) >> 5u;
  let sourceY = (terms[sizes.width + sizes.height + column] + terms[2u * sizes.width + sizes.height + row] + 16) >> 5u;
  let c = sourceX >> 5u;
  let r = sourceY >> 5u;
  let h = f32(sourceX & 31) / 32.0;
  let v = f32(sourceY & 31) / 32.0;
  let upper = pixel(r, c) * (1.0 - h) + pixel(r, c + 1) * h;
  let lower = pixel(r + 1, c) * (1.0 - h) + pixel(r + 1, c + 1) * h;
  y[i] = upper * (1.0 - v) + lower * v;
}
