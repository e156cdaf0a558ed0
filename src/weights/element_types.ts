/** Element types of stored arrays, by their names in the safetensors format. */
export type ElementType = "F64" | "F32" | "I64" | "U64" | "I32" | "U32" | "I16" | "U16" | "I8" | "U8" | "BOOL";

/** A named array of a file of weights. */
export interface StoredTensor {
  /** Element type. */
  dtype: ElementType;
  /** Sizes, outermost first; `[]` for a single number. */
  shape: readonly number[];
  /** Elements, row-major; `BOOL` as 0 and 1. */
  data: ElementArray;
}

/** Elements on the host. */
export type ElementArray =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** Bytes of an element and its array. */
export const ELEMENT_TYPES = {
  F64: { bytes: 8, array: Float64Array },
  I64: { bytes: 8, array: BigInt64Array },
  U64: { bytes: 8, array: BigUint64Array },
  F32: { bytes: 4, array: Float32Array },
  I32: { bytes: 4, array: Int32Array },
  U32: { bytes: 4, array: Uint32Array },
  I16: { bytes: 2, array: Int16Array },
  U16: { bytes: 2, array: Uint16Array },
  I8: { bytes: 1, array: Int8Array },
  U8: { bytes: 1, array: Uint8Array },
  BOOL: { bytes: 1, array: Uint8Array },
} as const;

/** Types that files hold: those above, and the half-precision ones, which become float32 when read, without any loss. */
export type FileType = ElementType | "F16" | "BF16";

/** Bytes of an element in a file; `undefined` for a type that we do not read. */
export function fileTypeBytes(type: string): number | undefined {
  if (type === "F16" || type === "BF16") return 2;
  return Object.hasOwn(ELEMENT_TYPES, type) ? ELEMENT_TYPES[type as ElementType].bytes : undefined;
}

/**
 * Elements from their little-endian bytes, as a copy.
 *
 * @param bytes a whole number of elements
 * @returns the type and array that hold them: float32 for the half-precision types
 */
export function decodeElements(type: FileType, bytes: Uint8Array): { dtype: ElementType; data: ElementArray } {
  const { buffer } = Uint8Array.from(bytes); // a copy is aligned
  if (type === "F16") return { dtype: "F32", data: new Float32Array(new Float16Array(buffer)) };
  if (type === "BF16") {
    const halves = new Uint16Array(buffer);
    const upper = new Uint32Array(halves.length);
    for (let i = 0; i < halves.length; i++) upper[i] = halves[i] << 16;
    return { dtype: "F32", data: new Float32Array(upper.buffer) };
  }
  return { dtype: type, data: new ELEMENT_TYPES[type].array(buffer) };
}

/** Whether the elements are floating-point numbers. */
export function isFloat(type: ElementType): type is "F32" | "F64" {
  return type === "F32" || type === "F64";
}
