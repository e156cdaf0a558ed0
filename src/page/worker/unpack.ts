/// <reference lib="dom" />
import { Gunzip } from "fflate";
import { UserError } from "../../errors.ts";

async function isPacked(content: Blob): Promise<boolean> {
  const start = new Uint8Array(await content.slice(0, 2).arrayBuffer());
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** The first bytes of a file, unpacked where it is gzip: as many as asked for, fewer where it is shorter or damaged. */
export async function firstBytes(content: Blob, count: number): Promise<Uint8Array<ArrayBuffer>> {
  if (!await isPacked(content)) return new Uint8Array(await content.slice(0, count).arrayBuffer());
  const reader = content.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const bytes = new Uint8Array(count);
  let length = 0;
  try {
    while (length < count) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes.set(value.subarray(0, count - length), length);
      length += Math.min(value.length, count - length);
    }
  } catch {
    // whoever reads all of it says what is wrong
  }
  await reader.cancel().catch(() => {});
  return bytes.slice(0, length);
}

/**
 * The bytes of a file, unpacked where it is gzip, whatever its name says.
 *
 * @throws {UserError} if it is cut off or damaged
 */
export async function unpackedBytes(content: Blob, name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!await isPacked(content)) return new Uint8Array(await content.arrayBuffer());
  try {
    return new Uint8Array(
      await new Response(content.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer(),
    );
  } catch (error) {
    if (error instanceof RangeError) throw error; // there is no memory for it
    // the browser's own refuses a file of several members, as pigz and bgzip write them
    return unpackedMembers(new Uint8Array(await content.arrayBuffer()), name);
  }
}

/** Unpacks gzip of any number of members. */
export function unpackedMembers(packed: Uint8Array<ArrayBuffer>, name: string): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let isWhole = false;
  try {
    const gunzip = new Gunzip((chunk, isLast) => {
      chunks.push(chunk);
      isWhole = isLast;
    });
    gunzip.push(packed, true);
  } catch {
    isWhole = false;
  }
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (!isWhole) {
    throw new UserError("data", `Cannot read "${name}": expected a whole gzip file, found a cut-off or damaged one`);
  }
  return bytes;
}

/** Packs bytes as gzip. */
export async function packed(bytes: Uint8Array<ArrayBuffer>): Promise<Blob> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Blob([await new Response(stream).arrayBuffer()], { type: "application/gzip" });
}
