// The transpose of the linear resampling along one axis: x[o, i, c] = sum over the results d of weight(d, i) · y[o, d, c]. Both axes
// of a map are two dispatches, width first. One thread a source place, for one or four neighbours along c, visits the results
// that read it, in order: no atomics.
alias Element = f32; // or vec4f: four neighbours along c
override threads: u32 = 64;
override corners: u32 = 0; // corner-aligned, else half-pixel positions
struct Sizes { outer: u32, source: u32, results: u32, inner: u32 } // inner: elements along c
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> y: array<Element>; // [outer, results, inner]
@group(0) @binding(2) var<storage, read_write> x: array<Element>; // [outer, source, inner]

// Weight of source i in result d.
fn weight(d: u32, i: u32) -> f32 {
  var numerator = max(i32((2u * d + 1u) * sizes.source) - i32(sizes.results), 0);
  var denominator = i32(2u * sizes.results);
  if (corners == 1u) {
    numerator = i32(d * (sizes.source - 1u));
    denominator = i32(max(sizes.results - 1u, 1u));
  }
  let low = divide(numerator, denominator);
  let share = f32(numerator - low * denominator) / f32(denominator);
  let high = min(low + 1, i32(sizes.source) - 1);
  return select(0.0, 1.0 - share, low == i32(i)) + select(0.0, share, high == i32(i));
}

// Integer division on SIMD lanes goes lane by lane, 200 cycles; by floats it costs 10.
fn divide(a: i32, b: i32) -> i32 {
  let q = i32(f32(a) / f32(b));
  let rest = a - q * b; // rounding leaves q at most one off
  return select(select(q, q + 1, rest >= b), q - 1, rest < 0);
}

// First and last result that may read source i: those whose position lies less than one place from it.
fn reach(i: u32) -> vec2u {
  let half = f32(sizes.results) / f32(sizes.source);
  let whole = f32(max(sizes.results, 2u) - 1u) / f32(max(sizes.source, 2u) - 1u);
  let first = select((f32(i) - 0.5) * half - 0.5, (f32(i) - 1.0) * whole, corners == 1u);
  let last = select((f32(i) + 1.5) * half - 0.5, (f32(i) + 1.0) * whole, corners == 1u);
  // a thousandth to spare for rounding
  return vec2u(u32(max(floor(first - 1e-3), 0.0)), u32(clamp(ceil(last + 1e-3), 0.0, f32(sizes.results - 1u))));
}

@compute @workgroup_size(threads)
fn resizeTransposed(@builtin(global_invocation_id) id: vec3u) {
  let t = id.y * (65535u * threads) + id.x;
  if (t >= sizes.outer * sizes.source * sizes.inner) { return; }
  let line = t / sizes.inner;
  let c = t - line * sizes.inner;
  let outer = line / sizes.source;
  let i = line - outer * sizes.source;
  let results = reach(i);
  var total = Element(0.0);
  for (var d = results.x; d <= results.y; d++) {
    total += weight(d, i) * y[(outer * sizes.results + d) * sizes.inner + c];
  }
  x[t] = total;
}
