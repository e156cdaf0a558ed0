// y[i] += x[i]: a further gradient of a parameter. One vec4 a thread; behind the last element nothing is added, since what
// stands there in x is arbitrary and the optimiser's norm counts all of y's block.
override threads: u32 = 64;
struct Sizes { elements: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(threads)
fn accumulateInPlace(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i >= arrayLength(&y)) { return; }
  let isElement = 4u * i + vec4u(0u, 1u, 2u, 3u) < vec4u(sizes.elements);
  y[i] = select(y[i], y[i] + x[i], isElement);
}
