// Cuts the foreground of a map into parts around farthest-point centres, in whole-number arithmetic. One workgroup: thread 0
// lists the points and draws the first centre; then, centre by centre, every thread updates the nearest centre of its share
// of the points and finds the farthest of them, and all threads agree on the farthest of all (first point among equals).
// Before that, if the foreground is to grow to its nearest pixels, all threads measure the distances to it.
const THREADS: u32 = 64;
const NONE: u32 = 4294967295;
struct Sizes { pixels: u32, side: u32, parts: u32, outputs: u32, fillNearest: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> mask: array<f32>; // [pixels], foreground where not 0
@group(0) @binding(2) var<storage, read> random: array<u32>; // outputs of the generator
@group(0) @binding(3) var<storage, read_write> cursor: array<u32>; // [1], how many were used
@group(0) @binding(4) var<storage, read_write> points: array<u32>; // [pixels]
@group(0) @binding(5) var<storage, read_write> nearest: array<u32>; // [pixels], squared distance to the nearest centre, at first to the foreground
@group(0) @binding(6) var<storage, read_write> assignment: array<i32>; // [pixels], -1 outside
@group(0) @binding(7) var<storage, read_write> first: array<i32>; // [2]: first centre, number of points

var<workgroup> count: u32;
var<workgroup> centre: u32;
var<workgroup> bestDistance: array<u32, THREADS>;
var<workgroup> bestPoint: array<u32, THREADS>;

fn squaredDistance(a: u32, b: u32) -> u32 {
  let dx = i32(a % sizes.side) - i32(b % sizes.side);
  let dy = i32(a / sizes.side) - i32(b / sizes.side);
  return u32(dx * dx + dy * dy);
}

// RandomState.choice(n): outputs under the smallest mask of ones are drawn until one is below n.
fn choice(n: u32) -> u32 {
  if (n == 1u) { return 0u; }
  let ones = (2u << firstLeadingBit(n - 1u)) - 1u;
  var value = n;
  while (value >= n) {
    value = random[cursor[0] % sizes.outputs] & ones;
    cursor[0]++;
  }
  return value;
}

@compute @workgroup_size(64)
fn partitionMask(@builtin(local_invocation_index) local: u32) {
  if (local == 0u) {
    var n = 0u;
    for (var p = 0u; p < sizes.pixels; p++) {
      if (mask[p] != 0.0) {
        points[n] = p;
        n++;
      }
    }
    count = n;
  }
  storageBarrier();
  let found = workgroupUniformLoad(&count);
  let few = found < sizes.parts;
  let grows = few && found > 0u && sizes.fillNearest == 1u;
  if (grows) {
    for (var p = local; p < sizes.pixels; p += THREADS) {
      var distance = NONE;
      for (var i = 0u; i < found; i++) { distance = min(distance, squaredDistance(p, points[i])); }
      nearest[p] = distance;
    }
  }
  storageBarrier();
  if (local == 0u) {
    // With fewer points than parts the first pixels of the map are added, whatever they show, as published; or those up to
    // the distance `reach`, of those at it the first `left`.
    let added = select(0u, sizes.parts, few && !grows);
    var reach = 0u;
    var left = 0u;
    if (grows) {
      var covered = found;
      while (covered < sizes.parts) {
        var next = NONE;
        var equal = 0u;
        for (var p = 0u; p < sizes.pixels; p++) {
          if (nearest[p] <= reach || nearest[p] > next) { continue; }
          if (nearest[p] < next) { next = nearest[p]; equal = 0u; }
          equal++;
        }
        reach = next;
        left = sizes.parts - covered;
        covered += equal;
      }
    }
    var n = 0u;
    for (var p = 0u; p < sizes.pixels; p++) {
      assignment[p] = -1;
      var isNear = grows && nearest[p] < reach;
      if (grows && nearest[p] == reach && left > 0u) {
        isNear = true;
        left--;
      }
      if (mask[p] != 0.0 || p < added || isNear) {
        points[n] = p;
        nearest[n] = NONE;
        n++;
      }
    }
    count = n;
    centre = choice(n);
    first[0] = i32(centre);
    first[1] = i32(n);
  }
  storageBarrier();
  let n = workgroupUniformLoad(&count);
  for (var part = 0u; part < sizes.parts; part++) {
    let c = points[workgroupUniformLoad(&centre)];
    var distance = 0u;
    var point = NONE;
    for (var i = local; i < n; i += THREADS) {
      let d = squaredDistance(points[i], c);
      if (d < nearest[i]) {
        nearest[i] = d;
        assignment[points[i]] = i32(part);
      }
      if (point == NONE || nearest[i] > distance) { distance = nearest[i]; point = i; }
    }
    bestDistance[local] = distance;
    bestPoint[local] = point;
    workgroupBarrier();
    if (local == 0u) {
      for (var k = 1u; k < THREADS; k++) {
        let farther = bestDistance[k] > distance || (bestDistance[k] == distance && bestPoint[k] < point);
        if (bestPoint[k] != NONE && farther) { distance = bestDistance[k]; point = bestPoint[k]; }
      }
      centre = point;
    }
    workgroupBarrier();
  }
}
