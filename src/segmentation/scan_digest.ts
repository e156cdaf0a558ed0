import { rawKindOf } from "../datasets/raw_volumes.ts";
import { UserError } from "../errors.ts";
import { listDicom, type SeriesChoice } from "../imaging/files/dicom_folder.ts";
import { hashFile, hashText } from "../pipeline/digest.ts";

/**
 * sha256 of a file, or of the files of a DICOM series in the order of their names.
 *
 * @throws {UserError} if there is no such file
 */
export async function scanDigest(path: string, series: SeriesChoice = {}): Promise<string> {
  if (await rawKindOf(path) !== "dicom") {
    return await hashFile(path).catch(() => {
      throw new UserError("data", `Cannot read "${path}": expected a file, found none`);
    });
  }
  const digests: string[] = series.series === undefined ? [] : [series.series];
  for (const file of await listDicom(path)) digests.push(await hashFile(file));
  return hashText(digests.join("\n"));
}
