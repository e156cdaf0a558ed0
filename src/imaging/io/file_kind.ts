/** Signatures of formats by their first bytes, and what a user is told of them. */
const SIGNATURES: readonly { at?: number; bytes: string | readonly number[]; kind: string }[] = [
  { bytes: [0x1f, 0x8b], kind: "gzip data" },
  { at: 344, bytes: "n+1\0", kind: "a NIfTI-1 file" },
  { at: 4, bytes: "n+2\0", kind: "a NIfTI-2 file" },
  {
    at: 344,
    bytes: "ni1\0",
    kind:
      "the header of a NIfTI pair (.hdr and .img); write both as one file, for example with nibabel or FSL's fslchfiletype",
  },
  { at: 4, bytes: "ni2\0", kind: "the header of a NIfTI-2 pair (.hdr and .img); write both as one file" },
  { bytes: "NRRD", kind: "an NRRD file; save it as NIfTI, for example in 3D Slicer" },
  { bytes: "ObjectType", kind: "a MetaImage header (.mhd, .mha); save it as NIfTI, for example with ITK-SNAP" },
  { at: 128, bytes: "DICM", kind: "a DICOM file; give the folder of the series in place of the file" },
  { bytes: [0x89, 0x50, 0x4e, 0x47], kind: "a PNG picture" },
  { bytes: [0xff, 0xd8, 0xff], kind: "a JPEG picture" },
  { bytes: "GIF8", kind: "a GIF picture" },
  { bytes: "BM", kind: "a BMP picture" },
  { bytes: "II*\0", kind: "a TIFF picture" },
  { bytes: "MM\0*", kind: "a TIFF picture" },
  { bytes: [0x00, 0x05, 0x16, 0x07], kind: "what macOS keeps beside a file (AppleDouble)" },
  { bytes: [0x00, 0x05, 0x16, 0x00], kind: "what macOS keeps beside a file (AppleSingle)" },
  { bytes: "version https://git-lfs", kind: "a Git LFS pointer in place of the file: git lfs pull fetches it" },
  { bytes: "/annex/objects/", kind: "a git-annex pointer in place of the file: git annex get fetches it" },
  { bytes: "PK\x03\x04", kind: "a zip archive; unpack it" },
  { bytes: "PK\x05\x06", kind: "an empty zip archive" },
  { bytes: "Rar!", kind: "a RAR archive; unpack it" },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], kind: "a 7z archive; unpack it" },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], kind: "xz data; unpack it" },
  { bytes: "BZh", kind: "bzip2 data; unpack it" },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], kind: "Zstandard data; unpack it" },
  { at: 257, bytes: "ustar", kind: "a tar archive; unpack it" },
  { bytes: [0x89, 0x48, 0x44, 0x46], kind: "an HDF5 file (MINC 2 is one); save it as NIfTI" },
  { bytes: "CDF", kind: "a NetCDF file (MINC 1 is one); save it as NIfTI" },
  { bytes: "%PDF", kind: "a PDF document" },
  { bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], kind: "a NumPy array; save it as NIfTI with its affine" },
];

const HTML = /^\s*<(!doctype html|html|head|body)\b/i, XML = /^\s*<\?xml\b/, JSON_START = /^\s*[[{"]/;

/** Names what a file is that was taken for another, by its first bytes. */
export function fileKind(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  for (const { at = 0, bytes: sign, kind } of SIGNATURES) {
    const wanted = typeof sign === "string" ? [...sign].map((letter) => letter.charCodeAt(0)) : sign;
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return kind;
  }
  if (isAnalyze(bytes)) return "an Analyze 7.5 header, which does not say where left and right are; save it as NIfTI";
  const start = bytes.subarray(0, 512);
  if (start.every((byte) => byte === 0)) return "a file that begins with zeros: it is damaged";
  const text = new TextDecoder().decode(start);
  if (HTML.test(text)) return "a web page, often the message of a download that failed; download the file again";
  if (XML.test(text)) return "an XML file";
  if (isText(start)) return JSON_START.test(text) ? "a JSON or text file" : "a text file";
  const first = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `an unknown format that begins with the bytes ${first}`;
}

/** `sizeof_hdr` of 348 in either byte order, without the magic of NIfTI. */
function isAnalyze(bytes: Uint8Array): boolean {
  if (bytes.length < 348) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getInt32(0, true) === 348 || view.getInt32(0, false) === 348;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte !== 0x7f || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
