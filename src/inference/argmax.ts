/**
 * The mask of two channels, `1 − y` and `y`: 1 where the second is larger. A tie is background, as the published code's
 * argmax takes the first of equals (docs/reference/preprocessing.md, 12, step 4).
 *
 * @param foreground probabilities, float32
 */
export function argmaxMask(foreground: Float32Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(foreground, (y) => Number(y > Math.fround(1 - y)));
}
