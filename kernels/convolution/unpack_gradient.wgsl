// gradW[o, c, tap] = sum over chunks of partial[chunk, tap, o, c]: adds what the chunks of pixels gave, in their order, and
// brings it into the layout of the weights. One thread a vec4 of partial; taps are a dimension of the dispatch.
override threads: u32 = 64;
override onto: u32 = 0; // 1: added to what gradW holds
struct Sizes { chunks: u32, taps: u32, outChannels: u32, inChannels: u32, inGroups: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>; // [chunks, taps, outChannels, inGroups]
@group(0) @binding(2) var<storage, read_write> gradW: array<f32>; // [outChannels, inChannels, taps]

@compute @workgroup_size(threads)
fn unpackGradient(@builtin(global_invocation_id) id: vec3u) {
  let perTap = sizes.outChannels * sizes.inGroups;
  if (id.x >= perTap) { return; }
  let tap = id.y;
  var total = vec4f(0.0);
  for (var chunk = 0u; chunk < sizes.chunks; chunk++) { total += partials[(chunk * sizes.taps + tap) * perTap + id.x]; }
  let o = id.x / sizes.inGroups;
  let c = (id.x - o * sizes.inGroups) * 4u;
  for (var k = 0u; k < 4u; k++) {
    if (c + k >= sizes.inChannels) { continue; }
    let i = (o * sizes.inChannels + c + k) * sizes.taps + tap;
    if (onto == 1u) { gradW[i] += total[k]; } else { gradW[i] = total[k]; }
  }
}
