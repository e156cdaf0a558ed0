import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import { phantomCase, type PhantomOptions } from "../phantom/scan.ts";
import { sabsFileNumber } from "./sabs.ts";

/** Case ids of a cohort in SABS numbering. */
export function phantomIds(cases: number): string[] {
  return Array.from({ length: cases }, (_, i) => String(i));
}

/** Paths of a case below the folder of a cohort, in the raw SABS layout. */
export const PHANTOM_FILES = {
  image: (id: string): string => `RawData/Training/img/img${sabsFileNumber(id)}.nii.gz`,
  label: (id: string): string => `RawData/Training/label/label${sabsFileNumber(id)}.nii.gz`,
};

/** Writes a cohort in the raw SABS layout. */
export async function writePhantom(
  dir: string,
  options: PhantomOptions,
  onCase: (done: number) => void = () => {},
): Promise<void> {
  await mkdir(join(dir, "RawData/Training/img"), { recursive: true });
  await mkdir(join(dir, "RawData/Training/label"), { recursive: true });
  for (const [i, id] of phantomIds(options.cases).entries()) {
    const { image, label } = phantomCase(i, options);
    await writeNifti(join(dir, PHANTOM_FILES.image(id)), image);
    await writeNifti(join(dir, PHANTOM_FILES.label(id)), label);
    onCase(i + 1);
  }
}
