// squares[k] = sum of the squared gradients of block k of 64 parameters, 0 for a block without gradient. One thread a block.
override threads: u32 = 64;
const BLOCK: u32 = 64;
@group(0) @binding(0) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read> activeBlocks: array<u32>;
@group(0) @binding(2) var<storage, read_write> squares: array<f32>;

@compute @workgroup_size(threads)
fn gradientSquares(@builtin(global_invocation_id) id: vec3u) {
  let k = id.y * (65535u * threads) + id.x;
  if (k >= arrayLength(&activeBlocks)) { return; }
  var total = 0.0;
  if (activeBlocks[k] == 1u) {
    for (var i = 0u; i < BLOCK / 4u; i++) {
      let g = gradients[k * (BLOCK / 4u) + i];
      total += dot(g, g);
    }
  }
  squares[k] = total;
}
