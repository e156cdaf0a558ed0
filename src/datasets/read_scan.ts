import type { Grid } from "../imaging/geometry.ts";
import type { Volume } from "../imaging/volume.ts";
import { allNotes, readLabelValues, readRawImage } from "./raw_volumes.ts";

/** How a scan is read. */
export interface ReadScanOptions {
  /** Which series of a folder with several, by its UID. */
  series?: string;
  /** Told what is odd about it; printed on standard error unless given. */
  warn?: (message: string) => void;
}

/**
 * Reads a scan: `.nii.gz`, `.nii`, a grey `.png`, or a folder with a DICOM series. Its header is checked, not believed, and
 * voxels that are not finite become the lowest finite value (docs/command-line.md, "Geometry").
 *
 * @returns its intensities as stored, in its own order of voxels; CT in HU
 * @throws {UserError} if it cannot be read, or its place cannot be told
 * @example
 * ```ts ignore
 * import { encodeNifti, readImage } from "dfdt";
 *
 * const path = await Deno.makeTempFile({ suffix: ".nii.gz" });
 * const affine = [-2, 0, 0, 8, 0, 2, 0, -8, 0, 0, 5, 0, 0, 0, 0, 1];
 * await Deno.writeFile(path, encodeNifti({ data: new Int16Array(64), size: [4, 4, 4], spacing: [2, 2, 5], affine }));
 * const { size, spacing } = await readImage(path);
 * console.assert(size.join() === "4,4,4" && spacing.join() === "2,2,5");
 * ```
 */
export async function readImage(path: string, { series, warn = console.warn }: ReadScanOptions = {}): Promise<Volume> {
  return await readRawImage(path, allNotes(warn), { series });
}

/**
 * Reads labels: whole numbers, whatever they are, 0 where there is nothing; turned to the order of their image's voxels where
 * they are stored in another one (docs/command-line.md, "Labels").
 *
 * @param image the scan that they belong to
 * @throws {UserError} if they cannot be read, lie on another grid than their image, or are no whole numbers
 * @example
 * ```ts ignore
 * import { encodeNifti, readLabel } from "dfdt";
 *
 * const affine = [-2, 0, 0, 8, 0, 2, 0, -8, 0, 0, 5, 0, 0, 0, 0, 1];
 * const label = { data: new Uint8Array(64).fill(255, 0, 9), size: [4, 4, 4], spacing: [2, 2, 5], affine } as const;
 * const path = await Deno.makeTempFile({ suffix: ".nii.gz" });
 * await Deno.writeFile(path, encodeNifti({ ...label, size: [4, 4, 4], spacing: [2, 2, 5] }));
 * const { data } = await readLabel(path, { ...label, size: [4, 4, 4], spacing: [2, 2, 5] });
 * console.assert(data[0] === 255 && data[9] === 0);
 * ```
 */
export async function readLabel(
  path: string,
  image: Grid,
  { warn = console.warn }: Pick<ReadScanOptions, "warn"> = {},
): Promise<Volume> {
  return await readLabelValues(path, image, allNotes(warn));
}
