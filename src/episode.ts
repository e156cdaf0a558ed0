/**
 * An episode: a support slice and a query slice with their masks, of whatever kind: tensors, arrays. Images are standardised
 * intensities, masks 0 or 1, each `[H, W]` or `[H · W]`.
 */
export interface Episode<Slice> {
  /** Standardised intensities of the support. */
  supportImage: Slice;
  /** What is looked for in it. */
  supportMask: Slice;
  /** Standardised intensities of the query. */
  queryImage: Slice;
  /** The truth. */
  queryMask: Slice;
}
