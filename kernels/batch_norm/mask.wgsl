// gradX = gradY where y > 0, else 0: the gradient before the ReLU. One vec4 a thread.
override threads: u32 = 64;
@group(0) @binding(0) var<storage, read> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradY: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> gradX: array<vec4f>;

@compute @workgroup_size(threads)
fn batchNormMask(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&gradX)) { gradX[i] = select(vec4f(0.0), gradY[i], y[i] > vec4f(0.0)); }
}
