// y = f(x), element by element; the derivative pass is gradX = gradY · f'(x). One vec4 a thread: on llvmpipe a scalar a
// thread takes twice as long. The two expressions are replaced by those of the operator table.
override threads: u32 = 64;
struct Options { a: f32, b: f32 }
@group(0) @binding(0) var<uniform> options: Options;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
@group(0) @binding(2) var<storage, read> gradY: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;

// Φ(x), the share of a normal distribution below x, by erf to float precision: for small arguments its series, else
// Abramowitz and Stegun's 7.1.26 refined to nine terms (W. J. Cody, "Rational Chebyshev approximation for the error
// function", 1969).
fn normalShare(x: vec4f) -> vec4f {
  let z = abs(x) * 0.70710678;
  let t = z * z;
  let small = z * (3.20937758913846947e3 + t * (3.77485237685302021e2 + t * (1.13864154151050156e2 +
    t * (3.16112374387056560 + t * 1.85777706184603153e-1)))) /
    (2.84423683343917062e3 + t * (1.28261652607737228e3 + t * (2.44024637934444173e2 + t * (2.36012909523441209e1 + t))));
  let w = min(z, vec4f(5.5));
  let p = 1.23033935479799725e3 + w * (2.05107837782607147e3 + w * (1.71204761263407058e3 + w * (8.81952221241769090e2 +
    w * (2.98635138197400131e2 + w * (6.61191906371416295e1 + w * (8.88314979438837594 +
    w * (5.64188496988670089e-1 + w * 2.15311535474403846e-8)))))));
  let q = 1.23033935480374942e3 + w * (3.43936767414372164e3 + w * (4.36261909014324716e3 + w * (3.29079923573345963e3 +
    w * (1.62138957456669019e3 + w * (5.37181101862009858e2 + w * (1.17693950891312499e2 +
    w * (1.57449261107098347e1 + w)))))));
  let large = 1.0 - exp(-w * w) * p / q;
  let erf = select(large, small, z < vec4f(0.46875));
  return 0.5 + 0.5 * sign(x) * erf;
}

fn value(x: vec4f, a: f32, b: f32) -> vec4f {
  return a * x + b;
}
fn derivative(x: vec4f, y: vec4f, a: f32, b: f32) -> vec4f {
  return vec4f(a);
}

@compute @workgroup_size(threads)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&output)) {
    output[i] = value(input[i], options.a, options.b);
  }
}

@compute @workgroup_size(threads)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  let i = id.y * (65535u * threads) + id.x;
  if (i < arrayLength(&output)) {
    let x = input[i];
    output[i] = gradY[i] * derivative(x, value(x, options.a, options.b), options.a, options.b);
  }
}
