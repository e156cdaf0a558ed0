import { UserError } from "../../errors.ts";
import type { Triple, Volume } from "../volume.ts";
import { runDcm2niix, type StartProgram } from "./dicom_convert.ts";
import type { DicomSeries } from "./dicom_series.ts";
import type { DicomSlice } from "./dicom_slice.ts";
import { lastName } from "./last_name.ts";
import { decodeNifti } from "./nifti.ts";

/** A converted series. */
export interface ConvertedSeries {
  /** The volume, as dcm2niix makes it: rows reversed, slices from foot to head, intensities scaled by the header's slope. */
  volume: Volume;
  /** What dcm2niix warned of. */
  warnings: string[];
  /** Paths of its files. */
  files: string[];
}

/** Largest distance of where a volume has a pixel from where the header of its slice has it, a share of the smallest spacing. */
const PLACE_SHARE = 0.25;

/** What dcm2niix says of every series from a scanner that it does not know; it concerns diffusion and timing alone. */
const NO_CONCERN = /Unable to determine manufacturer/;

/**
 * Converts the files of one series, whose headers were checked, and compares the result with the headers.
 *
 * @param series its headers
 * @param bytes its whole files, by the path that the headers name
 * @param start starts the converter
 * @throws {UserError} if the files do not make one volume, or cannot be decoded
 */
export async function convertSeries(
  series: DicomSeries,
  bytes: ReadonlyMap<string, Uint8Array>,
  start: StartProgram,
): Promise<ConvertedSeries> {
  const { dir } = series;
  // dcm2niix gets the slices in the order of their names, which decides where it has no better reason
  const paths = series.slices.map(({ path }) => path).sort();
  const { files, said } = await runDcm2niix(start, paths.map((path) => bytes.get(path)!), paths.map(lastName));
  const failure = (found: string) =>
    new UserError("data", `Cannot convert the series "${dir}": expected one volume from dcm2niix, found ${found}`);
  const complaints = said.filter((line) => /^(Error|Warning)\b/.test(line) && !NO_CONCERN.test(line));
  const errors = complaints.filter((line) => line.startsWith("Error"));
  if (files.size !== 1 || errors.length > 0) {
    const words = errors[0] ?? complaints[0] ?? said.at(-1) ?? "no word";
    throw failure(`${files.size} (${words})`);
  }
  const [file] = files.values();
  const volume = decodeNifti(file, dir);
  const { rows, columns } = series.slices[0];
  if (volume.size.join() !== [columns, rows, series.slices.length].join()) {
    throw failure(
      `one of ${volume.size.join(" × ")} voxels for ${series.slices.length} slices of ${columns} × ${rows}`,
    );
  }
  const places = new Set(slicePositions(series, volume).values());
  if (places.size !== series.slices.length) throw failure("one that lies elsewhere than the headers say");
  return { volume, warnings: [...new Set(complaints)], files: paths };
}

/**
 * The slice of a volume that each file of a series became.
 *
 * @param grid of a volume whose rows are reversed with respect to the files, as dcm2niix leaves them
 * @returns slice of the volume by path of the file; files that lie elsewhere than the volume are not in it
 */
export function slicePositions(
  { slices }: Pick<DicomSeries, "slices">,
  grid: Pick<Volume, "size" | "spacing" | "affine">,
): Map<string, number> {
  const found = new Map<string, number>();
  const [nx, ny, nz] = grid.size;
  const tolerance = PLACE_SHARE * Math.min(...grid.spacing);
  const place = (voxel: Triple): Triple =>
    [0, 1, 2].map((row) =>
      grid.affine[4 * row] * voxel[0] + grid.affine[4 * row + 1] * voxel[1] + grid.affine[4 * row + 2] * voxel[2] +
      grid.affine[4 * row + 3]
    ) as Triple;
  for (const slice of slices) {
    for (let z = 0; z < nz; z++) {
      // three corners say all of a plane
      const distance = Math.max(
        ...([[0, 0], [nx - 1, 0], [0, ny - 1]] as const).map(([column, row]) => {
          const a = pixelPlace(slice, column, row), b = place([column, ny - 1 - row, z]);
          return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        }),
      );
      if (distance <= tolerance) found.set(slice.path, z);
    }
  }
  return found;
}

/** Place of a pixel in mm: right, anterior, superior. */
function pixelPlace(
  { position, rowCosine, columnCosine, pixelSpacing }: DicomSlice,
  column: number,
  row: number,
): Triple {
  const [x, y, z] = position.map((mm, k) =>
    mm + rowCosine[k] * pixelSpacing[1] * column + columnCosine[k] * pixelSpacing[0] * row
  );
  return [-x, -y, z];
}
