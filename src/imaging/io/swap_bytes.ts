/**
 * Reverses the bytes of every number, in place.
 *
 * @param bytes from the beginning of a buffer; what is left over at their end stays
 * @param width bytes of a number: 2, 4 or 8
 */
export function swapBytes(bytes: Uint8Array<ArrayBuffer>, width: number): void {
  const { buffer, byteOffset, byteLength } = bytes;
  const count = Math.floor(byteLength / width);
  if (width === 2) {
    const words = new Uint16Array(buffer, byteOffset, count);
    for (let i = 0; i < count; i++) words[i] = words[i] << 8 | words[i] >> 8;
    return;
  }
  const words = new Uint32Array(buffer, byteOffset, count * width / 4);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    words[i] = word << 24 | (word & 0xff00) << 8 | word >> 8 & 0xff00 | word >>> 24;
  }
  if (width !== 8) return;
  for (let i = 0; i < words.length; i += 2) [words[i], words[i + 1]] = [words[i + 1], words[i]];
}
