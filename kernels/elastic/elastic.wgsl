// y[row, column] = x at (row + dy, column + dx), bilinear, mirrored outside with the edge pixel repeated. One pixel a thread.
override threads: u32 = 64;
struct Sizes { height: u32, width: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [height, width]
@group(0) @binding(2) var<storage, read> dx: array<f32>; // [height, width]
@group(0) @binding(3) var<storage, read> dy: array<f32>; // [height, width]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [height, width]

fn mirrored(at: i32, n: i32) -> i32 {
  let wrapped = ((at % (2 * n)) + 2 * n) % (2 * n);
  return min(wrapped, 2 * n - 1 - wrapped);
}

fn pixel(row: i32, column: i32) -> f32 {
  return x[u32(mirrored(row, i32(sizes.height)) * i32(sizes.width) + mirrored(column, i32(sizes.width)))];
}

@compute @workgroup_size(threads)
fn elastic(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= sizes.height * sizes.width) { return; }
  let row = f32(i / sizes.width) + dy[i];
  let column = f32(i % sizes.width) + dx[i];
  let r = i32(floor(row));
  let c = i32(floor(column));
  let v = row - floor(row);
  let h = column - floor(column);
  let upper = pixel(r, c) * (1.0 - h) + pixel(r, c + 1) * h;
  let lower = pixel(r + 1, c) * (1.0 - h) + pixel(r + 1, c + 1) * h;
  y[i] = upper * (1.0 - v) + lower * v;
}
