/** UID of run-length coded pixels. */
const RLE = "1.2.840.10008.1.2.5";

/** What ends a stream of JPEG, JPEG-LS or JPEG 2000, and how many bytes from the end it may lie: frames are padded. */
const END_MARKER = [0xff, 0xd9], END_REACH = 16;

/**
 * What tells that a compressed frame is cut off, without decoding it; converters fill up what is missing without a word, or
 * break.
 *
 * @param frame bytes of the frame
 * @param about.syntax UID of the transfer syntax
 * @param about.pixels number of pixels
 * @returns nothing if the frame is whole
 */
export function cutOffSign(
  frame: Uint8Array,
  { syntax, pixels }: { syntax: string; pixels: number },
): string | undefined {
  if (syntax === RLE) return shortRun(frame, pixels);
  const tail = frame.subarray(-END_REACH);
  const ended = tail.some((byte, i) => byte === END_MARKER[0] && tail[i + 1] === END_MARKER[1]);
  return ended ? undefined : "pixel data without end marker: it is cut off";
}

/** Counts what the segments of a run-length coded frame would unpack to: each is one byte of every pixel (PS3.5, annex G). */
function shortRun(frame: Uint8Array, pixels: number): string | undefined {
  if (frame.length < 64) return `${frame.length} bytes of run-length coded pixel data: it is cut off`;
  const header = new DataView(frame.buffer, frame.byteOffset, 64);
  const segments = header.getUint32(0, true);
  for (let segment = 0; segment < segments; segment++) {
    const end = segment + 1 < segments ? header.getUint32(8 + 4 * segment, true) : frame.length;
    let count = 0;
    for (let i = header.getUint32(4 + 4 * segment, true); i < end && count < pixels;) {
      const run = frame[i];
      const literal = run < 128;
      const needed = literal ? run + 1 : 1; // bytes after the one that counts
      if (run !== 128 && i + needed >= frame.length) break;
      if (run !== 128) count += literal ? run + 1 : 257 - run;
      i += run === 128 ? 1 : 1 + needed;
    }
    if (count < pixels) return `run-length coded pixel data for ${count} of ${pixels} pixels: it is cut off`;
  }
  return undefined;
}
