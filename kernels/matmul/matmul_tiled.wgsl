// y[chunk, b, m, n] = bias[n] + sum over that chunk's k of A[b, m, k] · B[b, k, n]. A workgroup computes ROWS × COLUMNS results, a
// thread 4 · ROW_QUADS × 4 · COLUMN_QUADS of them in registers. DEPTH numbers of k of both operands at a time lie in workgroup
// memory, which is there twice: the next ones are on their way while these are multiplied. With 8 × 8 results a thread reads a
// quarter of a number for each multiply-add, which is what a multiprocessor delivers.
//
// An operand lies in vec4s along k or across it (along m, along n), or ragged, where it is picked number by number; it keeps that
// form in workgroup memory, [DEPTH, quads]: four numbers of k of each fourth row, or four rows of each k. Sums run over k in order
// whatever the tile, so that every tile gives the same bits.
const ROWS: u32 = 128u;
const COLUMNS: u32 = 128u;
const DEPTH: u32 = 8u; // a multiple of 4
const ROW_QUADS: u32 = 2u;
const COLUMN_QUADS: u32 = 2u;
const THREADS: u32 = 256u; // ROWS / (4 · ROW_QUADS) · COLUMNS / (4 · COLUMN_QUADS)
const ALONG: u32 = 0u;
const ACROSS: u32 = 1u;
const RAGGED: u32 = 2u;
const FORM_A: u32 = 0u;
const FORM_B: u32 = 0u;
const QUADS_A: u32 = ROWS / 4u; // of a tile
const QUADS_B: u32 = COLUMNS / 4u;
const WIDE: u32 = QUADS_B / COLUMN_QUADS; // threads along n
const HIGH: u32 = QUADS_A / ROW_QUADS; // threads along m
const FOURS: u32 = DEPTH / 4u;
const LOADS_A: u32 = (QUADS_A * DEPTH + THREADS - 1u) / THREADS; // vec4s that a thread loads in a round
const LOADS_B: u32 = (QUADS_B * DEPTH + THREADS - 1u) / THREADS;
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

var<workgroup> tileA: array<vec4f, 2u * QUADS_A * DEPTH>; // [2, DEPTH, QUADS_A]
var<workgroup> tileB: array<vec4f, 2u * QUADS_B * DEPTH>;

fn numberOfA(i: u32) -> f32 { return a[i / 4u][i % 4u]; }
fn numberOfB(i: u32) -> f32 { return b[i / 4u][i % 4u]; }

@compute @workgroup_size(THREADS)
fn matmul(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let across = local % WIDE;
  let down = local / WIDE;
  let firstColumn = group.x * COLUMNS;
  let firstRow = group.y * ROWS;
  let slab = group.z % sizes.batch;
  let start = group.z / sizes.batch * sizes.length;
  let end = min(start + sizes.length, sizes.k);

  // Across, vec4 i of a round is quad i % QUADS of number i / QUADS of k; else number i / FOURS of the tile, four k at i % FOURS.
  // In vec4s of the operand, or numbers where it is ragged; what does not lie inside of it is read at 0 and counts as 0.
  var atA: array<u32, LOADS_A>;
  var kA: array<u32, LOADS_A>; // of the first of the four, or the only one
  var placeA: array<u32, LOADS_A>;
  var insideA: array<bool, LOADS_A>;
  for (var l = 0u; l < LOADS_A; l++) { // unrolled
    let i = local + l * THREADS;
    if (FORM_A == ACROSS) {
      let row = firstRow + 4u * (i % QUADS_A);
      kA[l] = start + i / QUADS_A;
      placeA[l] = i;
      atA[l] = (slab * sizes.aBatch + kA[l] * sizes.aInner + row) / 4u;
      insideA[l] = row < sizes.m;
    } else {
      let row = firstRow + i / FOURS;
      kA[l] = start + i % FOURS * 4u;
      placeA[l] = (i % FOURS * 4u + i / FOURS % 4u) * QUADS_A + i / FOURS / 4u;
      let at = slab * sizes.aBatch + row * sizes.aRow + kA[l] * sizes.aInner;
      atA[l] = select(at / 4u, at, FORM_A == RAGGED);
      insideA[l] = row < sizes.m;
    }
  }
  var atB: array<u32, LOADS_B>;
  var kB: array<u32, LOADS_B>;
  var placeB: array<u32, LOADS_B>;
  var insideB: array<bool, LOADS_B>;
  for (var l = 0u; l < LOADS_B; l++) { // unrolled
    let i = local + l * THREADS;
    if (FORM_B == ACROSS) {
      let column = firstColumn + 4u * (i % QUADS_B);
      kB[l] = start + i / QUADS_B;
      placeB[l] = i;
      atB[l] = (slab * sizes.bBatch + kB[l] * sizes.bInner + column) / 4u;
      insideB[l] = column < sizes.n;
    } else {
      let column = firstColumn + i / FOURS;
      kB[l] = start + i % FOURS * 4u;
      placeB[l] = (i % FOURS * 4u + i / FOURS % 4u) * QUADS_B + i / FOURS / 4u;
      let at = slab * sizes.bBatch + column * sizes.bColumn + kB[l] * sizes.bInner;
      atB[l] = select(at / 4u, at, FORM_B == RAGGED);
      insideB[l] = column < sizes.n;
    }
  }
  let stepA = select(select(FOURS, DEPTH * sizes.aInner / 4u, FORM_A == ACROSS), DEPTH * sizes.aInner, FORM_A == RAGGED);
  let stepB = select(select(FOURS, DEPTH * sizes.bInner / 4u, FORM_B == ACROSS), DEPTH * sizes.bInner, FORM_B == RAGGED);

  var acc: array<array<f32, 4u * COLUMN_QUADS>, 4u * ROW_QUADS>;
  for (var q = 0u; q < COLUMN_QUADS; q++) { // unrolled
    let column = min(firstColumn + 4u * (across + q * WIDE), sizes.n - 4u);
    let first = select(vec4f(0.0), bias[column / 4u], sizes.biased == 1u);
    for (var r = 0u; r < 4u * ROW_QUADS; r++) { // unrolled
      for (var v = 0u; v < 4u; v++) { // unrolled
        acc[r][4u * q + v] = first[v];
      }
    }
  }

  // Round i loads the i-th numbers of k and multiplies those before; the last one loads nothing that counts.
  let rounds = (end - start + DEPTH - 1u) / DEPTH;
  for (var round = 0u; round <= rounds; round++) {
    var ofA: array<vec4f, LOADS_A>;
    for (var l = 0u; l < LOADS_A; l++) { // unrolled
      if (FORM_A == RAGGED) {
        for (var c = 0u; c < 4u; c++) { // unrolled
          let known = insideA[l] && kA[l] + c < end;
          ofA[l][c] = select(0.0, numberOfA(select(0u, atA[l] + c * sizes.aInner, known)), known);
        }
      } else {
        let known = insideA[l] && kA[l] < end;
        ofA[l] = select(vec4f(0.0), a[select(0u, atA[l], known)], known);
      }
      atA[l] += stepA;
      kA[l] += DEPTH;
    }
    var ofB: array<vec4f, LOADS_B>;
    for (var l = 0u; l < LOADS_B; l++) { // unrolled
      if (FORM_B == RAGGED) {
        for (var c = 0u; c < 4u; c++) { // unrolled
          let known = insideB[l] && kB[l] + c < end;
          ofB[l][c] = select(0.0, numberOfB(select(0u, atB[l] + c * sizes.bInner, known)), known);
        }
      } else {
        let known = insideB[l] && kB[l] < end;
        ofB[l] = select(vec4f(0.0), b[select(0u, atB[l], known)], known);
      }
      atB[l] += stepB;
      kB[l] += DEPTH;
    }
    if (round > 0u) {
      let before = (round - 1u) % 2u * DEPTH;
      for (var d = 0u; d < DEPTH; d += 4u) {
        // Along, vec4 4 · q + r has four k of row r of quad q; across, four rows of quad q at k number r.
        var rowsOfA: array<vec4f, 4u * ROW_QUADS>;
        for (var i = 0u; i < 4u * ROW_QUADS; i++) { // unrolled
          rowsOfA[i] = tileA[(before + d + i % 4u) * QUADS_A + down + i / 4u * HIGH];
        }
        var columnsOfB: array<vec4f, 4u * COLUMN_QUADS>;
        for (var i = 0u; i < 4u * COLUMN_QUADS; i++) { // unrolled
          columnsOfB[i] = tileB[(before + d + i % 4u) * QUADS_B + across + i / 4u * WIDE];
        }
        for (var c = 0u; c < 4u; c++) { // unrolled
          for (var r = 0u; r < 4u * ROW_QUADS; r++) { // unrolled
            let value = rowsOfA[r / 4u * 4u + FORM_A % 2u * c + (1u - FORM_A % 2u) * (r % 4u)]
              [FORM_A % 2u * (r % 4u) + (1u - FORM_A % 2u) * c];
            for (var v = 0u; v < 4u * COLUMN_QUADS; v++) { // unrolled
              acc[r][v] = fma(
                value,
                columnsOfB[v / 4u * 4u + FORM_B % 2u * c + (1u - FORM_B % 2u) * (v % 4u)]
                  [FORM_B % 2u * (v % 4u) + (1u - FORM_B % 2u) * c],
                acc[r][v],
              );
            }
          }
        }
      }
    }
    let here = round % 2u * DEPTH;
    for (var l = 0u; l < LOADS_A; l++) { // unrolled
      if (local + l * THREADS < QUADS_A * DEPTH) { tileA[here * QUADS_A + placeA[l]] = ofA[l]; }
    }
    for (var l = 0u; l < LOADS_B; l++) { // unrolled
      if (local + l * THREADS < QUADS_B * DEPTH) { tileB[here * QUADS_B + placeB[l]] = ofB[l]; }
    }
    workgroupBarrier();
  }

  for (var r = 0u; r < 4u * ROW_QUADS; r++) { // unrolled
    let row = firstRow + 4u * (down + r / 4u * HIGH) + r % 4u;
    for (var q = 0u; q < COLUMN_QUADS; q++) { // unrolled
      let column = firstColumn + 4u * (across + q * WIDE);
      if (row < sizes.m && column < sizes.n) {
        y[((group.z * sizes.m + row) * sizes.n + column) / 4u] =
          vec4f(acc[r][4u * q], acc[r][4u * q + 1u], acc[r][4u * q + 2u], acc[r][4u * q + 3u]);
      }
    }
  }
}
