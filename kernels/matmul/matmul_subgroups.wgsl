// y[chunk, b, m, n] = bias[n] + sum over that chunk's k of A[b, m, k] · B[b, k, n]. A workgroup is one subgroup of 8 and computes
// ROWS rows × 8 · COLUMNS columns. A lane holds COLUMNS columns, of which each four that follow each other are one vec4 of y,
// and loads B for those. A is loaded once for all lanes, each lane another part of it, and handed round: a load for 8 lanes
// costs llvmpipe 24 cycles, a hand-round one. In a round the inner sum takes 4 · TOGETHER numbers.
//
// An operand lies in vec4s along k or across it (along m, along n), or ragged, where it is picked number by number. Sums run
// over k in order whatever the tile, so that every tile gives the same bits.
const ROWS: u32 = 8u;
const COLUMNS: u32 = 8u; // a multiple of 4
const TOGETHER: u32 = 1u;
const ALONG: u32 = 0u;
const ACROSS: u32 = 1u;
const RAGGED: u32 = 2u;
const FORM_A: u32 = 0u;
const FORM_B: u32 = 0u;
const TEXELS: u32 = ROWS * TOGETHER; // of A in a round
const LOADS: u32 = (TEXELS + 7u) / 8u;
const QUADS: u32 = COLUMNS / 4u;
struct Sizes {
  batch: u32, m: u32, n: u32, k: u32,
  aBatch: u32, aRow: u32, aInner: u32, // strides in numbers
  bBatch: u32, bInner: u32, bColumn: u32,
  length: u32, chunks: u32, biased: u32, // numbers of k in a chunk
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>; // [n / 4], not looked at unless biased
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [chunks, batch, m, n / 4]

fn numberOfA(i: u32) -> f32 { return a[i / 4u][i % 4u]; }
fn numberOfB(i: u32) -> f32 { return b[i / 4u][i % 4u]; }

@compute @workgroup_size(8)
fn matmul(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let chunk = group.z / sizes.batch;
  let slab = group.z - chunk * sizes.batch;
  let firstRow = group.y * ROWS;
  let firstColumn = group.x * 8u * COLUMNS + 4u * lane; // and those 32, 64, … after it
  let start = chunk * sizes.length;
  let end = min(start + sizes.length, sizes.k);

  // Texel i of A in a round is, along k, of row i / TOGETHER; across, of number i / (ROWS / 4) of the round. Rows and columns
  // beyond the last are read where the last are, and not written.
  var atA: array<u32, LOADS>;
  for (var l = 0u; l < LOADS; l++) { // unrolled
    let i = min(8u * l + lane, TEXELS - 1u);
    if (FORM_A == ACROSS) {
      let row = min(firstRow + 4u * (i % max(ROWS / 4u, 1u)), sizes.m - 4u);
      atA[l] = (slab * sizes.aBatch + (start + i / max(ROWS / 4u, 1u)) * sizes.aInner + row) / 4u;
    } else {
      let row = min(firstRow + i / TOGETHER, sizes.m - 1u);
      let at = slab * sizes.aBatch + row * sizes.aRow + (start + 4u * (i % TOGETHER)) * sizes.aInner;
      atA[l] = select(at / 4u, at, FORM_A == RAGGED);
    }
  }
  var atB: array<u32, QUADS>;
  for (var q = 0u; q < QUADS; q++) { // unrolled
    let column = min(firstColumn + 32u * q, (sizes.n - 1u) / 4u * 4u);
    let at = slab * sizes.bBatch + start * sizes.bInner + column * sizes.bColumn;
    atB[q] = select(at / 4u, at, FORM_B == RAGGED);
  }
  // In vec4s, or numbers where ragged: from round to round of A, from group to group of four numbers of B, from column to column,
  // from number to number.
  let roundOfA = TOGETHER * select(select(1u, sizes.aInner, FORM_A == ACROSS), 4u * sizes.aInner, FORM_A == RAGGED);
  let groupOfB = select(select(1u, sizes.bInner, FORM_B == ACROSS), 4u * sizes.bInner, FORM_B == RAGGED);
  let columnOfB = select(sizes.bColumn / 4u, sizes.bColumn, FORM_B == RAGGED);
  let numberOfK = select(sizes.bInner / 4u, sizes.bInner, FORM_B == RAGGED);

  var acc: array<array<f32, COLUMNS>, ROWS>;
  for (var q = 0u; q < QUADS; q++) { // unrolled
    let first = select(vec4f(0.0), bias[min(firstColumn + 32u * q, sizes.n - 1u) / 4u], sizes.biased == 1u);
    for (var r = 0u; r < ROWS; r++) { // unrolled
      for (var c = 0u; c < 4u; c++) { // unrolled
        acc[r][4u * q + c] = first[c];
      }
    }
  }
  for (var k = start; k < end; k += 4u * TOGETHER) {
    var ofA: array<vec4f, LOADS>;
    for (var l = 0u; l < LOADS; l++) { // unrolled
      let i = min(8u * l + lane, TEXELS - 1u);
      if (FORM_A == RAGGED) {
        for (var c = 0u; c < 4u; c++) { // unrolled
          let known = k + 4u * (i % TOGETHER) + c < end;
          ofA[l][c] = select(0.0, numberOfA(select(0u, atA[l] + c * sizes.aInner, known)), known);
        }
      } else if (FORM_A == ACROSS) {
        let known = k + i / max(ROWS / 4u, 1u) < end;
        ofA[l] = select(vec4f(0.0), a[select(0u, atA[l], known)], known);
      } else {
        ofA[l] = a[atA[l]];
      }
      atA[l] += roundOfA;
    }
    for (var u = 0u; u < TOGETHER; u++) { // unrolled
      var ofB: array<vec4f, COLUMNS>; // along: a column each; across: four columns of a number of k each
      for (var v = 0u; v < COLUMNS; v++) { // unrolled
        // What stands beyond the end meets zeros of A, but is a number: garbage may not be.
        if (FORM_B == RAGGED) {
          for (var c = 0u; c < 4u; c++) { // unrolled
            let at = atB[v / 4u] + v % 4u * columnOfB + c * numberOfK;
            ofB[v][c] = numberOfB(select(0u, at, k + 4u * u + c < end));
          }
        } else if (FORM_B == ACROSS) {
          let at = atB[v % QUADS] + v / QUADS * numberOfK;
          ofB[v] = b[select(0u, at, k + 4u * u + v / QUADS < end)];
        } else {
          ofB[v] = b[atB[v / 4u] + v % 4u * columnOfB];
        }
      }
      for (var q = 0u; q < QUADS; q++) { // unrolled
        atB[q] += groupOfB;
      }
      for (var r = 0u; r < ROWS; r++) { // unrolled
        for (var c = 0u; c < 4u; c++) { // unrolled
          // Number c of row r: in which texel, and where in it.
          let value = subgroupShuffle(
            ofA[(FORM_A % 2u * ((4u * u + c) * (ROWS / 4u) + r / 4u) + (1u - FORM_A % 2u) * (r * TOGETHER + u)) / 8u]
              [FORM_A % 2u * (r % 4u) + (1u - FORM_A % 2u) * c],
            (FORM_A % 2u * ((4u * u + c) * (ROWS / 4u) + r / 4u) + (1u - FORM_A % 2u) * (r * TOGETHER + u)) % 8u,
          );
          for (var v = 0u; v < COLUMNS; v++) { // unrolled
            if (FORM_B == ACROSS) {
              acc[r][v] = fma(value, ofB[c * QUADS + v / 4u][v % 4u], acc[r][v]);
            } else {
              acc[r][v] = fma(value, ofB[v][c], acc[r][v]);
            }
          }
        }
      }
    }
  }
  for (var r = 0u; r < ROWS; r++) { // unrolled
    for (var q = 0u; q < QUADS; q++) { // unrolled
      let column = firstColumn + 32u * q;
      if (firstRow + r < sizes.m && column < sizes.n) {
        y[((group.z * sizes.m + firstRow + r) * sizes.n + column) / 4u] =
          vec4f(acc[r][4u * q], acc[r][4u * q + 1u], acc[r][4u * q + 2u], acc[r][4u * q + 3u]);
      }
    }
  }
}
