import assert from "node:assert/strict";
import fc from "fast-check";
import { deflateSync } from "fflate";
import { UserError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { readZip, writeZip } from "./zip.ts";

const text = (value: string) => new TextEncoder().encode(value);
const MEMBERS = new Map([["a/one", text("first")], ["a/empty", new Uint8Array(0)], ["a/two", text("second member")]]);

function refused(bytes: Uint8Array<ArrayBuffer>, message: RegExp): void {
  assert.throws(() => readZip(bytes, "x.pth"), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, /^Cannot read "x\.pth": expected /);
    assert.match(error.message, message);
    return true;
  });
}

/** Position of a member's entry in the directory of {@link MEMBERS}. */
function entry(bytes: Uint8Array, index: number): number {
  const view = new DataView(bytes.buffer);
  let at = view.getUint32(bytes.length - 6, true);
  for (let i = 0; i < index; i++) at += 46 + view.getUint16(at + 28, true);
  return at;
}

/** The archive with some fields set: by position, a 16- or 32-bit value. */
function changed(...changes: [at: (bytes: Uint8Array) => number, value: number, bits: 16 | 32][]) {
  const bytes = writeZip(MEMBERS);
  const view = new DataView(bytes.buffer);
  for (const [at, value, bits] of changes) {
    if (bits === 16) view.setUint16(at(bytes), value, true);
    else view.setUint32(at(bytes), value, true);
  }
  return bytes;
}

Deno.test("crc32() gives the check value of the polynomial, whatever the length and position", () => {
  assert.equal(crc32(text("123456789")), 0xcbf43926);
  assert.equal(crc32(new Uint8Array(0)), 0);
  assert.equal(crc32(text("..The quick brown fox jumps over the lazy dog").subarray(2)), 0x414fa339);
});

Deno.test("writeZip() and readZip() are inverse; contents begin at multiples of 64; the same bytes each time", () => {
  const bytes = writeZip(MEMBERS);
  const found = readZip(bytes, "x.pth");
  assert.deepEqual([...found.keys()], [...MEMBERS.keys()]);
  for (const [path, contents] of MEMBERS) assert.deepEqual(found.get(path), contents);
  for (const contents of found.values()) assert.equal(contents.byteOffset % 64, 0);
  assert.deepEqual(writeZip(MEMBERS), bytes);
});

Deno.test("readZip() refuses what is cut off, at every length", () => {
  const bytes = writeZip(MEMBERS);
  for (let length = 0; length < bytes.length; length++) refused(bytes.slice(0, length), /./);
});

Deno.test("readZip() refuses names that leave the folder, and names that occur twice", () => {
  for (const path of ["../evil", "/etc/passwd", "a/../../b", "a//b", "a\\b", "C:x", "a/.", "", "a/\0b"]) {
    refused(writeZip(new Map([[path, text("x")]])), /names of members below the archive's own folder, found ".*"/);
  }
  const twice = writeZip(new Map([["a/one", text("x")], ["a/two", text("y")]]));
  const find = (name: string, from: number) => {
    for (let at = from;; at++) if (new TextDecoder().decode(twice.subarray(at, at + 5)) === name) return at;
  };
  for (let at = find("a/two", 0), i = 0; i < 2; i++, at = i < 2 ? find("a/two", at) : at) twice.set(text("a/one"), at);
  refused(twice, /every member once, found "a\/one" twice/);
});

Deno.test("readZip() refuses members whose bytes are not those of the directory", () => {
  const bytes = writeZip(MEMBERS);
  bytes[readZip(bytes, "x").get("a/two")!.byteOffset + 3] ^= 1;
  refused(bytes, /CRC-32 [0-9a-f]{8} of "a\/two", found [0-9a-f]{8}; the file is damaged/);
  refused(changed([(all) => entry(all, 0) + 24, 6, 32]), /local header of "a\/one" that agrees|6 bytes of "a\/one"/);
  refused(changed([(all) => entry(all, 0) + 8, 1, 16]), /"a\/one" in the clear, found it encrypted/);
  refused(changed([(all) => entry(all, 0) + 10, 12, 16]), /stored or deflated, found method 12/);
  refused(changed([(all) => entry(all, 2) + 42, 5, 32]), /"a\/two" at byte 5, found something else/);
  refused(changed([(all) => all.length - 12, 99, 16]), /99 members|one of several parts/);
  refused(changed([(all) => all.length - 6, 0xffffffff, 32]), /an archive below 4 GiB/);
});

Deno.test("readZip() refuses members that overlap", () => {
  const inner = writeZip(new Map([["a/two", text("y")]]));
  const bytes = writeZip(new Map([["a/one", inner.subarray(0, 65)], ["a/two", text("y")]]));
  const view = new DataView(bytes.buffer);
  const second = entry(bytes, 1);
  view.setUint32(second + 42, readZip(bytes, "x").get("a/one")!.byteOffset, true); // the copy inside of the first member
  refused(bytes, /members that do not overlap, found "a\/two" inside of another one/);
});

/** An archive of one deflated member that says it has `size` bytes. */
function deflated(contents: Uint8Array, size = contents.length): Uint8Array<ArrayBuffer> {
  const packed = deflateSync(contents);
  const bytes = writeZip(new Map([["a/big", packed]]));
  const view = new DataView(bytes.buffer);
  const at = entry(bytes, 0);
  for (const [field, value] of [[16, crc32(contents)], [24, size]]) view.setUint32(at + field, value, true);
  view.setUint16(at + 10, 8, true);
  view.setUint16(8, 8, true); // the method in the local header
  view.setUint32(22, size, true);
  return bytes;
}

Deno.test("readZip() unpacks deflated members, and refuses a zip bomb by what it promises and by what it holds", () => {
  const contents = new Uint8Array(100_000).map((_, i) => i % 251);
  assert.deepEqual(readZip(deflated(contents), "x").get("a/big"), contents);
  refused(deflated(new Uint8Array(70 * 2 ** 20)), /at most \d+ bytes in an archive of \d+, found 73400320/);
  refused(deflated(new Uint8Array(2 ** 20), 1000), /1000 bytes in "a\/big", found more; this may be a zip bomb/);
  refused(deflated(contents, 100_001), /100001 bytes in "a\/big", found 100000/);
  const damaged = deflated(contents);
  damaged.fill(0xff, 70, 90);
  refused(damaged, /deflate format, found damaged bytes|CRC-32|bytes in "a\/big"/);
});

Deno.test("readZip() either refuses an archive with a changed byte or finds the same contents", () => {
  const bytes = writeZip(MEMBERS);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const copy = bytes.slice();
      copy[at] ^= flip;
      try {
        const found = readZip(copy, "x");
        for (const [path, contents] of MEMBERS) assert.deepEqual(found.get(path), contents);
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
      }
    }),
    { numRuns: 2000, seed: 3 },
  );
});
