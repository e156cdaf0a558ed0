// The trial of subgroups: every invocation writes the size of its subgroup, its number in it, and what two others hold.
@group(0) @binding(0) var<storage, read_write> y: array<vec4u>; // [8]
@compute @workgroup_size(8)
fn trial(
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_size) size: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  y[local] = vec4u(size, lane, subgroupShuffle(local + 100u, 5u), subgroupShuffle(local + 200u, 0u));
}
