/** Fields of a NIfTI-1 header that tests spoil, in the machine's byte order of a file that `encodeNifti` made. */
export interface HeaderFields {
  /** `pixdim[0]` to `pixdim[3]`. */
  pixdim?: readonly number[];
  /** `xyzt_units`. */
  units?: number;
  /** `qform_code`. */
  qformCode?: number;
  /** `sform_code`. */
  sformCode?: number;
  /** `quatern_b`, `quatern_c`, `quatern_d`. */
  quaternion?: readonly number[];
  /** `qoffset_x`, `qoffset_y`, `qoffset_z`. */
  offset?: readonly number[];
  /** `srow_x`, `srow_y`, `srow_z`. */
  rows?: readonly number[];
}

/** Writes fields into the bytes of an uncompressed NIfTI-1 file. */
export function spoilHeader(bytes: Uint8Array<ArrayBuffer>, fields: HeaderFields): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const floats = (at: number, values: readonly number[] = []) =>
    values.forEach((value, k) => view.setFloat32(at + 4 * k, value, true));
  floats(76, fields.pixdim);
  floats(256, fields.quaternion);
  floats(268, fields.offset);
  floats(280, fields.rows);
  if (fields.units !== undefined) view.setUint8(123, fields.units);
  if (fields.qformCode !== undefined) view.setInt16(252, fields.qformCode, true);
  if (fields.sformCode !== undefined) view.setInt16(254, fields.sformCode, true);
  return bytes;
}
