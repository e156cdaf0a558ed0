// Sums of a chunk of rows, per channel: of (x - first row) and of its square. Differences to one of the values keep the
// variance accurate in float32 whatever the mean. A thread sums four channels over `length` rows.
override threads: u32 = 64;
struct Sizes { rows: u32, groups: u32, length: u32, chunks: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>; // [rows, groups]
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>; // [chunks, 2, groups]: of differences, of their squares

@compute @workgroup_size(threads)
fn batchNormStatistics(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.chunks * sizes.groups) { return; }
  let c = t % sizes.groups;
  let chunk = t / sizes.groups;
  let first = chunk * sizes.length;
  let end = min(first + sizes.length, sizes.rows);
  let origin = x[c];
  var total = vec4f(0.0);
  var square = vec4f(0.0);
  for (var r = first; r < end; r++) {
    let d = x[r * sizes.groups + c] - origin;
    total += d;
    square += d * d;
  }
  partials[2u * chunk * sizes.groups + c] = total;
  partials[(2u * chunk + 1u) * sizes.groups + c] = square;
}
