import { rename, writeFile } from "node:fs/promises";

/** Writes a page so that nobody meets half of it. */
export async function writeWhole(path: string, page: string): Promise<void> {
  await writeFile(`${path}.new`, page);
  await rename(`${path}.new`, path);
}
