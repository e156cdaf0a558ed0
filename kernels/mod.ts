export { type AttentionTerms, attentionWeights } from "./attention_weights/attention_weights.ts";
export { batchNorm, type BatchNormOptions, type BatchNormState } from "./batch_norm/batch_norm.ts";
export { boundaryScore } from "./boundary/boundary.ts";
export { concatenateColumns } from "./concatenate_columns/concatenate_columns.ts";
export { convolution } from "./convolution/convolution.ts";
export { type ConvolutionOptions } from "./convolution/geometry.ts";
export {
  add,
  affine,
  divide,
  gelu,
  multiply,
  negativeLogLikelihood,
  relu,
  sigmoid,
  square,
  subtract,
} from "./elementwise/elementwise.ts";
export { gatherRows, type RowIndex, rowIndex } from "./gather_rows/gather_rows.ts";
export { gatedSum } from "./gate/gate.ts";
export { isAbove } from "./is_above/is_above.ts";
export { layerNorm } from "./layer_norm/layer_norm.ts";
export { linear } from "./linear/linear.ts";
export { maskedMean } from "./masked_mean/masked_mean.ts";
export { linearOverMiddle } from "./linear_middle/linear_middle.ts";
export { matmul, type MatmulOptions } from "./matmul/matmul.ts";
export { maxPool, type MaxPoolOptions } from "./max_pool/max_pool.ts";
export { maximumOverMiddle } from "./maximum/maximum.ts";
export { normalizeRows } from "./normalize_rows/normalize_rows.ts";
export { makeSampler, type Partition, partition, Sampler } from "./partition/partition.ts";
export { rowOfNumbers, sumOfNumbers } from "./numbers/numbers.ts";
export { permute } from "./permute/permute.ts";
export { probability } from "./probability/probability.ts";
export { type MapSize, resize, resizeTransposed } from "./resize/resize.ts";
export { rowConvolution, type RowConvolutionOptions } from "./row_convolution/row_convolution.ts";
export { rowProducts } from "./row_products/row_products.ts";
export { diceOverlap, likelihoodLoss, meanSquaredDifference, softDiceLoss } from "./score/score.ts";
export { segmentMean } from "./segment_mean/segment_mean.ts";
export { sliceRows } from "./slice_rows/slice_rows.ts";
export { softmax } from "./softmax/softmax.ts";
export { mean, sum, type SumAxis } from "./sum/sum.ts";
export { suppress } from "./suppress/suppress.ts";
export { displacement, elastic, type ElasticOptions } from "./elastic/elastic.ts";
export { gamma } from "./gamma/gamma.ts";
export { uniformNoise } from "./uniform_noise/uniform_noise.ts";
export { type AffineRows, warpAffine } from "./warp_affine/warp_affine.ts";
