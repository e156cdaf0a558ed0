import assert from "node:assert/strict";
import { fileKind } from "./file_kind.ts";

/** Bytes with a text at some place. */
function bytes(text: string, at = 0, length = 600): Uint8Array {
  const result = new Uint8Array(length).fill(200);
  result.set([...text].map((letter) => letter.charCodeAt(0)), at);
  return result;
}

const text = (content: string) => new TextEncoder().encode(content);

const KINDS: [string, Uint8Array, RegExp][] = [
  ["a NIfTI pair", bytes("ni1\0", 344), /header of a NIfTI pair/],
  ["an NRRD file", text("NRRD0004\ntype: short\n"), /NRRD.*3D Slicer/],
  ["a MetaImage", text("ObjectType = Image\nNDims = 3\n"), /MetaImage/],
  ["a DICOM file", bytes("DICM", 128), /DICOM.*folder of the series/],
  ["an AppleDouble file", bytes("\x00\x05\x16\x07"), /macOS keeps beside a file/],
  ["a web page", text("\n<!DOCTYPE html><html>Sign in</html>"), /web page.*download the file again/],
  ["a zip archive", bytes("PK\x03\x04"), /zip archive; unpack it/],
  ["a tar archive", bytes("ustar", 257), /tar archive; unpack it/],
  ["a Git LFS pointer", text("version https://git-lfs.github.com/spec/v1\n"), /Git LFS.*git lfs pull/],
  ["Analyze 7.5", bytes("\x5c\x01\x00\x00"), /Analyze 7\.5.*left and right/],
  ["JSON", text('{ "a": 1 }'), /JSON/],
  ["a text", text("not a scan ".repeat(9)), /a text file/],
  ["nothing", new Uint8Array(0), /an empty file/],
  ["zeros", new Uint8Array(900), /begins with zeros: it is damaged/],
  ["noise", Uint8Array.of(1, 2, 250, 4), /begins with the bytes 01 02 fa 04/],
];

for (const [what, content, message] of KINDS) {
  Deno.test(`fileKind() knows ${what} by its bytes`, () => assert.match(fileKind(content), message));
}
