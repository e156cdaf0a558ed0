// y = f(a, b), element by element, with b broadcast along any of the three dimensions of a = [outer, middle, inner]: its
// strides there are 0. One vec4 of a a thread. The expressions are replaced by those of the operator table.
override threads: u32 = 64;
// 0: b has the shape of a; 1: b is one number; 2: strides; 3 and 4: strides with whole vec4s along the inner dimension, which b
// has (3) or has not (4). A constant of the pipeline: a branch on a uniform makes Mesa 22's
// lavapipe compile the kernel anew at every dispatch and keep what it made (bench/uniform_branch.ts).
override pattern: u32 = 2;
struct Sizes { middle: u32, inner: u32, outerStride: u32, middleStride: u32, innerStride: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bWhole: array<vec4f>; // b again, for whole loads where the shapes are equal
@group(0) @binding(4) var<storage, read> gradY: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>;

fn value(a: vec4f, b: vec4f) -> vec4f {
  return a + b;
}
fn byA(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(1.0);
}
fn byB(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(1.0);
}

// Where the elements of b begin that belong to a line of a along the inner dimension.
fn startOfLine(line: u32) -> u32 {
  let o = line / sizes.middle;
  return o * sizes.outerStride + (line - o * sizes.middle) * sizes.middleStride;
}

fn elementOfB(i: u32) -> f32 {
  let line = i / sizes.inner;
  return b[startOfLine(line) + (i - line * sizes.inner) * sizes.innerStride];
}

fn fourOfB(i: u32) -> vec4f {
  if (pattern == 0u) { return bWhole[i]; }
  if (pattern == 1u) { return vec4f(b[0]); }
  if (pattern >= 3u) {
    let line = 4u * i / sizes.inner;
    let start = startOfLine(line);
    if (pattern == 4u) { return vec4f(b[start]); }
    return bWhole[(start + 4u * i - line * sizes.inner) / 4u];
  }
  return vec4f(elementOfB(4u * i), elementOfB(4u * i + 1u), elementOfB(4u * i + 2u), elementOfB(4u * i + 3u));
}

@compute @workgroup_size(threads)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&output)) { output[i] = value(a[i], fourOfB(i)); }
}

@compute @workgroup_size(threads)
fn gradientOfA(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&output)) { output[i] = gradY[i] * byA(a[i], fourOfB(i)); }
}

@compute @workgroup_size(threads)
fn gradientOfB(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&output)) { output[i] = gradY[i] * byB(a[i], fourOfB(i)); }
}
