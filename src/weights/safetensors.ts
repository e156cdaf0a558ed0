import { UserError } from "../errors.ts";
import { quoted } from "./cannot_read.ts";
import {
  decodeElements,
  ELEMENT_TYPES,
  type ElementArray,
  type ElementType,
  type FileType,
  fileTypeBytes,
  type StoredTensor,
} from "./element_types.ts";

export type { ElementArray, ElementType, StoredTensor };

/** Contents of a safetensors file. */
export interface SafetensorsFile {
  /** Arrays by name, in the order of the header. */
  tensors: Map<string, StoredTensor>;
  /** The header's `__metadata__`. */
  metadata: Record<string, string>;
}

/** The format's own limit on the header. */
const LONGEST_HEADER = 100_000_000;

/**
 * Bytes of a safetensors file, the same for the same contents: wide elements first, so that every array is aligned; the
 * header padded with spaces to a multiple of 8.
 *
 * @throws {RangeError} if an array does not have as many elements as its shape says
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(([, a], [, b]) => ELEMENT_TYPES[b.dtype].bytes - ELEMENT_TYPES[a.dtype].bytes); // stable
  const header: [name: string, value: unknown][] = [["__metadata__", metadata]];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (data.length !== size || !(data instanceof ELEMENT_TYPES[dtype].array)) {
      throw new RangeError(
        `Cannot store "${name}": expected ${size} elements of ${dtype} [${shape}], ` +
          `found ${data.length} in a ${data.constructor.name}`,
      );
    }
    header.push([name, { dtype, shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const encoded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(" ".charCodeAt(0));
  encoded.set(text);
  const result = new Uint8Array(8 + encoded.length + offset);
  new DataView(result.buffer).setBigUint64(0, BigInt(encoded.length), true);
  result.set(encoded, 8);
  let at = 8 + encoded.length;
  for (const [, { data }] of ordered) {
    result.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return result;
}

/**
 * Reads a safetensors file and checks all of it. Half-precision elements (`F16`, `BF16`) become float32.
 *
 * @param name the file's name, for messages
 * @throws {UserError} of kind `data` if it is not one, is cut off, or its header contradicts itself
 */
export function decodeSafetensors(bytes: Uint8Array<ArrayBuffer>, name: string): SafetensorsFile {
  const fail = (expected: string, found: string): never => {
    throw new UserError("data", `Cannot read "${name}": expected ${expected}, found ${found}`);
  };
  if (bytes.length < 8) fail("a safetensors file of at least 8 bytes", `${bytes.length}`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerLength > LONGEST_HEADER || 8 + headerLength > bytes.length) {
    fail("the length of a safetensors header", `${headerLength} in a file of ${bytes.length} bytes`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength)) ?? fail("a header in JSON", "something else");
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    fail("metadata of strings", "something else");
  }
  const start = 8 + headerLength;
  const tensors = new Map<string, StoredTensor>();
  const ranges: [begin: number, end: number][] = [];
  for (const [key, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = isRecord(entry)
      ? entry
      : fail(`an object for ${quoted(key)}`, typeof entry);
    const elementBytes = (typeof dtype === "string" ? fileTypeBytes(dtype) : undefined) ??
      fail(
        `type ${Object.keys(ELEMENT_TYPES).join(", ")}, F16 or BF16 of ${quoted(key)}`,
        typeof dtype === "string" ? quoted(dtype) : "none",
      );
    if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
      fail(`shape and offsets of ${quoted(key)}`, "others");
    }
    const [begin, end] = offsets as number[];
    const size = (shape as number[]).reduce((a, b) => a * b, 1);
    if (end - begin !== size * elementBytes || start + end > bytes.length) {
      fail(`${size * elementBytes} bytes of ${quoted(key)} inside of the file`, `offsets ${begin} to ${end}`);
    }
    ranges.push([begin, end]);
    const elements = decodeElements(dtype as FileType, bytes.subarray(start + begin, start + end));
    tensors.set(key, { ...elements, shape: shape as number[] });
  }
  ranges.sort(([a, b], [c, d]) => a - c || b - d);
  let covered = 0;
  for (const [begin, end] of ranges) {
    if (begin !== covered) fail(`data without gaps or overlaps at byte ${covered}`, `an array at ${begin}`);
    covered = end;
  }
  if (start + covered !== bytes.length) fail(`${start + covered} bytes`, `${bytes.length}`);
  return { tensors, metadata: metadata as Record<string, string> };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
