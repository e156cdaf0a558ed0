import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";

/** In the folder of a synthetic cohort: what it was made with. Its name begins with a dot, so no layout takes it for a case. */
const MARK = ".phantom.json";

/**
 * Prepares the folder of a synthetic cohort. It has to be new, empty, or hold just this cohort: whatever else lies there, real
 * scans or cases of a larger cohort, would become part of it.
 *
 * @param options what the cohort is made with
 * @throws {UserError} if something else is there
 */
export async function openPhantomFolder(dir: string, options: Readonly<Record<string, unknown>>): Promise<void> {
  const mark = join(dir, MARK), text = JSON.stringify(options) + "\n";
  const names = await readdir(dir).catch((error) => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") refuse(dir, "a file");
    throw error;
  });
  const made = await readFile(mark, "utf8").catch(() => undefined);
  if (names.length > 0 && made !== text) {
    refuse(
      dir,
      made ? `another cohort, made with ${made.trim()}` : `${names.length} others, "${names.sort()[0]}" among them`,
    );
  }
  await mkdir(dir, { recursive: true });
  await writeFile(mark, text);
}

function refuse(dir: string, found: string): never {
  throw new UserError(
    "usage",
    `Cannot write a cohort to "${dir}": expected a new or empty folder, or one with this very cohort, found ${found}. ` +
      "Choose another --out",
  );
}
