import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { createGunzip, createGzip } from "node:zlib";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { UserError } from "../../errors.ts";
import { checkLength, decodeNifti, lengthByHeader, type ReadOptions } from "../io/nifti.ts";
import { bytesOfVoxels, encodeHeader, encodeNifti } from "../io/nifti_encode.ts";
import {
  HEADER_BYTES,
  type NiftiHeader,
  parseNiftiHeader,
  refuseFile as refuse,
  type WrittenGrid,
} from "../io/nifti_header.ts";
import type { Volume } from "../volume.ts";

/**
 * Reads a `.nii` or `.nii.gz` file: NIfTI-1 or -2, both byte orders, all integer and real types, any number of gzip members.
 *
 * @throws {UserError} of kind `data` if the file is missing, cut off, not a NIfTI, not one real volume, or holds NaN
 */
export async function readNifti(path: string, options: ReadOptions = {}): Promise<Volume> {
  return decodeNifti(await bytesOf(path), path, options);
}

/** Bytes that the decompressor hands over at a time: with its own 16 KiB the events cost more than the work. */
const CHUNK_BYTES = 2 ** 20;

/** More than the most that gzip can shrink something. */
const GZIP_LIMIT = 1040;

/**
 * The uncompressed bytes of a file. Of one that is packed no more are unpacked than its header promises, so that none takes more
 * memory than its volume.
 */
async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const raw = await Deno.readFile(path).catch(() => refuseMissing(path));
  if (!(raw[0] === 0x1f && raw[1] === 0x8b)) return raw;
  let bytes = new Uint8Array(CHUNK_BYTES), length = 0, header: NiftiHeader | undefined;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES }); // goes on through all members
  gunzip.end(raw);
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      if (length + chunk.length > bytes.length) bytes = longer(bytes, 2 * (length + chunk.length));
      bytes.set(chunk, length);
      length += chunk.length;
      if (!header && length >= HEADER_BYTES) {
        header = parseNiftiHeader(bytes.subarray(0, length), path);
        const expected = lengthByHeader(header, path);
        // a volume then lies in memory once; what is more than gzip can shrink is cut off, and shows at the end
        if (expected > bytes.length && expected <= raw.length * GZIP_LIMIT) bytes = longer(bytes, expected);
      }
      if (header && length > lengthByHeader(header, path)) checkLength(length, header, path, { isMore: true });
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    refuse(path, "a whole gzip file", `a cut-off or damaged one (${(error as Error).message})`);
  }
  return bytes.subarray(0, length);
}

/** The same bytes with room for more. */
function longer(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(length);
  result.set(bytes);
  return result;
}

/**
 * Reads what {@link readNifti} would say about the grid, without the voxels; of a file that is not packed the length is checked
 * as well.
 */
export async function readNiftiHeader(path: string): Promise<NiftiHeader> {
  const { bytes, length } = await firstBytes(path, HEADER_BYTES);
  const header = parseNiftiHeader(bytes, path);
  if (length !== undefined) checkLength(length, header, path);
  return header;
}

/** Says why a file could not be opened. */
async function refuseMissing(path: string): Promise<never> {
  const found = await stat(path).catch(() => undefined);
  return refuse(
    path,
    "a NIfTI file",
    !found ? "no such file" : found.isDirectory() ? "a folder" : "one that may not be read",
  );
}

/** The first uncompressed bytes of a file, and the length of one that is not packed. */
async function firstBytes(path: string, count: number): Promise<{ bytes: Uint8Array; length?: number }> {
  const file = await open(path).catch(() => refuseMissing(path));
  if ((await file.stat()).isDirectory()) {
    await file.close();
    await refuseMissing(path);
  }
  const start = Buffer.alloc(count);
  const { bytesRead } = await file.read(start, 0, count, 0);
  const { size } = await file.stat();
  await file.close();
  if (!(start[0] === 0x1f && start[1] === 0x8b)) return { bytes: start.subarray(0, bytesRead), length: size };
  return await new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const input = createReadStream(path);
    const gunzip = input.pipe(createGunzip());
    const finish = () => {
      input.destroy();
      gunzip.destroy();
      resolve({ bytes: Buffer.concat(chunks) });
    };
    gunzip.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= count) finish();
    });
    gunzip.on("end", finish);
    gunzip.on("error", () => {
      try {
        refuse(path, "a whole gzip file", "a cut-off or damaged one");
      } catch (refusal) {
        reject(refusal);
      }
    });
  });
}

/** Half the time of zlib's usual level 6, for files that are 2 % larger. */
const LEVEL = 5;

/**
 * Writes a volume; `.gz` in the name compresses it. The same volume gives the same bytes.
 *
 * @param like what a file of the same grid says of it, which this one then says, too
 */
export async function writeNifti(path: string, volume: Volume, like?: WrittenGrid): Promise<void> {
  if (!basename(path).endsWith(".gz")) return await Deno.writeFile(path, encodeNifti(volume, like));
  const gzip = createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES });
  gzip.write(encodeHeader(volume, like));
  gzip.end(bytesOfVoxels(volume));
  const file = await open(path, "w");
  try {
    let isFirst = true;
    for await (const chunk of gzip as AsyncIterable<Uint8Array>) {
      if (isFirst) chunk[9] = 255; // the system that wrote it: unknown, on every system
      isFirst = false;
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
}
