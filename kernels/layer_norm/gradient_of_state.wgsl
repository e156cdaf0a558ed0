// gradWeight = Σ gradY·x̂ and gradBias = Σ gradY over all rows, by a workgroup for every 8 columns, always in the same order.
const THREADS: u32 = 256;
const LANES: u32 = 8;
override onto: u32 = 0; // 1: added to what both hold
struct Sizes { rows: u32, columns: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, columns]
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>; // [rows]
@group(0) @binding(3) var<storage, read> gradY: array<f32>; // [rows, columns]
@group(0) @binding(4) var<storage, read_write> gradWeight: array<f32>; // [columns]
@group(0) @binding(5) var<storage, read_write> gradBias: array<f32>; // [columns]

var<workgroup> partial: array<vec2f, THREADS>;

@compute @workgroup_size(THREADS)
fn layerNormStateGradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let c = group.x * LANES + thread % LANES;
  var total = vec2f(0.0);
  if (c < sizes.columns) {
    for (var r = thread / LANES; r < sizes.rows; r += THREADS / LANES) {
      let gradient = gradY[r * sizes.columns + c];
      let normalized = (x[r * sizes.columns + c] - statistics[r].x) * statistics[r].y;
      total += vec2f(gradient * normalized, gradient);
    }
  }
  partial[thread] = total;
  for (var half = THREADS / 2u; half >= LANES; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { partial[thread] += partial[thread + half]; }
  }
  if (thread >= LANES || c >= sizes.columns) { return; }
  if (onto == 1u) {
    gradWeight[c] += partial[thread].x;
    gradBias[c] += partial[thread].y;
  } else {
    gradWeight[c] = partial[thread].x;
    gradBias[c] = partial[thread].y;
  }
}
