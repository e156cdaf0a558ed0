// Lists the rows of every segment: starts[k] is where segment k begins in `list`. A counting sort by one thread: a few
// thousand steps, once an episode.
struct Sizes { rows: u32, segments: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> assignment: array<i32>; // [rows], -1 for none
@group(0) @binding(2) var<storage, read_write> starts: array<u32>; // [segments + 1]
@group(0) @binding(3) var<storage, read_write> list: array<u32>; // [rows]

@compute @workgroup_size(1)
fn segmentLists() {
  for (var k = 0u; k <= sizes.segments; k++) { starts[k] = 0u; }
  for (var r = 0u; r < sizes.rows; r++) {
    if (assignment[r] >= 0) { starts[u32(assignment[r]) + 1u]++; }
  }
  for (var k = 0u; k < sizes.segments; k++) { starts[k + 1u] += starts[k]; }
  for (var r = 0u; r < sizes.rows; r++) {
    if (assignment[r] >= 0) {
      let k = u32(assignment[r]);
      list[starts[k]] = r;
      starts[k]++;
    }
  }
  // every start has moved on to the next segment's
  for (var k = sizes.segments; k > 0u; k--) { starts[k] = starts[k - 1u]; }
  starts[0] = 0u;
}
