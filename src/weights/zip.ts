import { Inflate } from "fflate";
import { cannotRead, largestContents, quoted } from "./cannot_read.ts";
import { crc32 } from "./crc32.ts";

const END = 0x06054b50, CENTRAL = 0x02014b50, LOCAL = 0x04034b50;
const END_BYTES = 22, CENTRAL_BYTES = 46, LOCAL_BYTES = 30;
const STORED = 0, DEFLATED = 8;
const ENCRYPTED = 1, SIZES_FOLLOW = 8, UTF8 = 0x0800;

/** Compressed bytes that are unpacked at once: at most 1032 times as many come out before their number is looked at. */
const CHUNK = 4096;

interface Entry {
  path: string;
  method: number;
  crc: number;
  packed: number;
  size: number;
  local: number;
}

/**
 * Reads all members of a zip archive and checks every one against its CRC-32. Stored members are views of `bytes`.
 *
 * The central directory counts, as for every other reader; a local header that contradicts it, members that overlap, names
 * that leave the folder or occur twice, and contents far larger than the file are refused.
 *
 * @param name the file's name, for messages
 * @returns contents by path, in the order of the directory
 * @throws {UserError} of kind `data`
 */
export function readZip(bytes: Uint8Array<ArrayBuffer>, name: string): Map<string, Uint8Array<ArrayBuffer>> {
  const fail = cannotRead(name);
  const entries = readDirectory(bytes, name);
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > largestContents(bytes.length)) {
    throw fail(`at most ${largestContents(bytes.length)} bytes in an archive of ${bytes.length}`, `${total}`);
  }
  const members = new Map<string, Uint8Array<ArrayBuffer>>();
  let free = 0; // where the next member may begin
  for (const entry of entries.toSorted((a, b) => a.local - b.local)) {
    const start = dataStart(bytes, entry, name);
    if (entry.local < free) throw fail(`members that do not overlap`, `${quoted(entry.path)} inside of another one`);
    free = start + entry.packed;
    if (free > bytes.length) {
      throw fail(`${entry.packed} bytes of ${quoted(entry.path)}`, `${bytes.length - start}; the file is cut off`);
    }
  }
  for (const entry of entries) {
    const { path, method, packed, size } = entry;
    if (members.has(path)) throw fail("every member once", `${quoted(path)} twice`);
    const start = dataStart(bytes, entry, name);
    const data = bytes.subarray(start, start + packed);
    if (method === STORED && packed !== size) throw fail(`${size} bytes of ${quoted(path)}`, `${packed}`);
    const contents = method === STORED ? data : inflate(data, entry, name);
    const crc = crc32(contents);
    if (crc !== entry.crc) {
      throw fail(`CRC-32 ${hex(entry.crc)} of ${quoted(path)}`, `${hex(crc)}; the file is damaged, fetch it again`);
    }
    members.set(path, contents);
  }
  return members;
}

/**
 * Bytes of a zip archive with stored members, the same for the same contents: no times, and the contents of every member
 * begin at a multiple of 64, which lets PyTorch map them.
 *
 * @throws {RangeError} if it would need 4 GiB or more
 */
export function writeZip(members: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  const files = [...members].map(([path, data]) => ({ path: text.encode(path), data, crc: crc32(data) }));
  let offset = 0;
  const placed = files.map((file) => {
    const local = offset;
    const bare = local + LOCAL_BYTES + file.path.length + 4; // with the head of the padding's extra field
    const padding = 64 * Math.ceil(bare / 64) - bare;
    offset = bare + padding + file.data.length;
    return { ...file, local, padding };
  });
  const directory = files.reduce((sum, { path }) => sum + CENTRAL_BYTES + path.length, 0);
  const length = offset + directory + END_BYTES;
  if (length >= 2 ** 32 || files.length >= 2 ** 16) {
    throw new RangeError(`Cannot write a zip archive: expected less than 4 GiB, found ${length} bytes`);
  }
  const result = new Uint8Array(length);
  const view = new DataView(result.buffer);
  for (const { path, data, crc, local, padding } of placed) {
    view.setUint32(local, LOCAL, true);
    writeCommon(view, local + 4, { crc, size: data.length, name: path.length, extra: 4 + padding });
    result.set(path, local + LOCAL_BYTES);
    const extra = local + LOCAL_BYTES + path.length;
    result.set([0x46, 0x42, padding & 0xff, padding >>> 8], extra); // "FB", the id that PyTorch uses
    result.set(data, extra + 4 + padding);
  }
  let at = offset;
  for (const { path, data, crc, local } of placed) {
    view.setUint32(at, CENTRAL, true);
    writeCommon(view, at + 6, { crc, size: data.length, name: path.length, extra: 0 });
    view.setUint32(at + 42, local, true);
    result.set(path, at + CENTRAL_BYTES);
    at += CENTRAL_BYTES + path.length;
  }
  view.setUint32(at, END, true);
  view.setUint16(at + 8, files.length, true);
  view.setUint16(at + 10, files.length, true);
  view.setUint32(at + 12, directory, true);
  view.setUint32(at + 16, offset, true);
  return result;
}

/** The fields that local header and directory share, from "version needed" to the length of the extra field. */
function writeCommon(
  view: DataView,
  at: number,
  { crc, size, name, extra }: { crc: number; size: number; name: number; extra: number },
): void {
  view.setUint16(at + 2, UTF8, true);
  view.setUint16(at + 8, 0x21, true); // 1 January 1980, the format's first day
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, size, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, name, true);
  view.setUint16(at + 24, extra, true);
}

function readDirectory(bytes: Uint8Array<ArrayBuffer>, name: string): Entry[] {
  const fail = cannotRead(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view) ?? (() => {
    throw fail("a zip archive that ends with its directory", "none; the file is cut off or damaged");
  })();
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true), start = view.getUint32(end + 16, true);
  if (view.getUint32(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    throw fail("an archive in one file", "one of several parts");
  }
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) {
    throw fail("an archive below 4 GiB", "a larger one");
  }
  if (start + size > end) throw fail("the directory inside of the file", `bytes ${start} to ${start + size}`);
  const entries: Entry[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > start + size || view.getUint32(at, true) !== CENTRAL) {
      throw fail(`${count} members in the directory`, `${i}`);
    }
    const length = view.getUint16(at + 28, true);
    const next = at + CENTRAL_BYTES + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > start + size) throw fail("names inside of the directory", `one that ends at byte ${next}`);
    const path = pathOf(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + length), name);
    const method = view.getUint16(at + 10, true);
    if (view.getUint16(at + 8, true) & ENCRYPTED) throw fail(`${quoted(path)} in the clear`, "it encrypted");
    if (method !== STORED && method !== DEFLATED) throw fail(`${quoted(path)} stored or deflated`, `method ${method}`);
    entries.push({
      path,
      method,
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      local: view.getUint32(at + 42, true),
    });
    at = next;
  }
  if (at !== start + size) throw fail(`a directory of ${at - start} bytes`, `${size}`);
  return entries;
}

/** The end record is the last thing in the file but for a comment, whose length it names. */
function findEnd(view: DataView): number | undefined {
  const lowest = Math.max(0, view.byteLength - END_BYTES - 0xffff);
  for (let at = view.byteLength - END_BYTES; at >= lowest; at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength) {
      return at;
    }
  }
  return undefined;
}

function pathOf(bytes: Uint8Array, name: string): string {
  const fail = cannotRead(name);
  let path: string;
  try {
    path = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fail("names of members in UTF-8", "another encoding");
  }
  // deno-lint-ignore no-control-regex -- control characters in a name are what is refused here
  const unsafe = /[\\:\x00-\x1f]/.test(path) || path.split("/").some((part) => ["", ".", ".."].includes(part));
  if (unsafe) throw fail("names of members below the archive's own folder", quoted(path));
  return path;
}

/** First byte of a member's contents, after a local header that says the same as the directory. */
function dataStart(bytes: Uint8Array<ArrayBuffer>, { path, method, packed, size, local }: Entry, name: string): number {
  const fail = cannotRead(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL) {
    throw fail(`${quoted(path)} at byte ${local}`, "something else");
  }
  const length = view.getUint16(local + 26, true);
  const nameEnd = local + LOCAL_BYTES + length;
  const start = nameEnd + view.getUint16(local + 28, true);
  if (start > bytes.length) throw fail(`the contents of ${quoted(path)}`, "the end of the file");
  const own = new TextDecoder().decode(bytes.subarray(local + LOCAL_BYTES, nameEnd));
  const sizesFollow = (view.getUint16(local + 6, true) & SIZES_FOLLOW) !== 0;
  const sizesAgree = sizesFollow ||
    view.getUint32(local + 18, true) === packed && view.getUint32(local + 22, true) === size;
  if (own !== path || view.getUint16(local + 8, true) !== method || !sizesAgree) {
    throw fail(`a local header of ${quoted(path)} that agrees with the directory`, `one of ${quoted(own)}`);
  }
  return start;
}

/** Unpacks a member, and stops as soon as more comes out than the directory promises. */
function inflate(data: Uint8Array<ArrayBuffer>, { path, size }: Entry, name: string): Uint8Array<ArrayBuffer> {
  const fail = cannotRead(name);
  const result = new Uint8Array(size);
  let filled = 0, ended = false;
  const stream = new Inflate((part, final) => {
    if (filled + part.length > size) throw fail(`${size} bytes in ${quoted(path)}`, "more; this may be a zip bomb");
    result.set(part, filled);
    filled += part.length;
    ended = final;
  });
  try {
    for (let at = 0; at < data.length; at += CHUNK) {
      stream.push(data.subarray(at, at + CHUNK), at + CHUNK >= data.length);
    }
  } catch (error) {
    if (error instanceof Error && error.name === "UserError") throw error;
    throw fail(`${quoted(path)} in the deflate format`, "damaged bytes");
  }
  if (!ended || filled !== size) throw fail(`${size} bytes in ${quoted(path)}`, `${filled}`);
  return result;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}
