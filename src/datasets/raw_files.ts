import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { type Frame, frameAsStored } from "../imaging/cohort.ts";
import { readRawGrid } from "./raw_volumes.ts";
import { sayRelation } from "../imaging/label_values.ts";

export { byNumber } from "../imaging/class_map.ts";

/** Raw files of a data set, by case id, in the order of the cases. */
export interface RawFiles {
  /** Image of every case. */
  images: Map<string, string>;
  /** Labels of every case that has some. */
  labels: Map<string, string>;
  /** What deserves attention but stops nothing. */
  warnings: string[];
}

/** What lies in a raw folder: the cases that have both files, and what is wrong with the others. */
export interface Listing extends RawFiles {
  /** Files without their partner, by case id: what is wrong with each. */
  unpaired: Map<string, string>;
}

/** What systems leave in folders: names that begin with a dot, and what Windows writes. */
const HIDDEN = /^(\.|~\$|thumbs\.db$|desktop\.ini$)/i;

/** Names of the entries of a folder that are not hidden, in Unicode's form C, sorted as text; none if there is no such folder. */
export async function visibleNames(dir: string): Promise<{ name: string; path: string }[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => !HIDDEN.test(name));
  const entries = names.map((name) => ({ name: name.normalize("NFC"), path: join(dir, name) }));
  return entries.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Whether a path is a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then((found) => found.isDirectory(), () => false);
}

/**
 * The files of a folder by the number in their name; none if there is no such folder.
 *
 * @param pattern of the whole name, the number its first group
 * @throws {UserError} for two files of one number
 */
export async function numbered(dir: string, pattern: RegExp): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const { name, path } of await visibleNames(dir)) {
    const match = pattern.exec(name);
    if (!match) continue;
    const n = Number(match[1]), other = found.get(n);
    if (other) {
      throw new UserError(
        "data",
        `Cannot use "${path}": expected one file of number ${n}, found "${other}" as well. Remove one of them`,
      );
    }
    found.set(n, path);
  }
  return found;
}

/** Refuses a path that is no folder. */
export async function expectFolder(dir: string, expected: string): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory()) return;
  const instead = found ? ", found a file" : "";
  throw new UserError(
    "data",
    `Cannot find the data folder "${dir}": expected ${expected}${instead}. Give it by --data`,
  );
}

/**
 * A listing whose files can all be used, as far as their headers tell.
 *
 * @throws {UserError} with all problems at once
 */
export async function usable<T extends Listing>(listing: T): Promise<T> {
  const { problems, warnings } = await lookAtGrids(listing, { published: true });
  refuseProblems([...listing.unpaired.values(), ...problems.values()]);
  return { ...listing, warnings: [...listing.warnings, ...warnings] };
}

/** The frame of a published set, whose cases are not turned: that of its first one. */
export async function publishedFrame(images: ReadonlyMap<string, string>): Promise<Frame> {
  const [first] = images.values();
  return frameAsStored(await readRawGrid(first, () => {}));
}

/** What headers tell of the files of a data set. */
export interface GridFindings {
  /** Files that cannot be read or used, by case id. */
  problems: Map<string, string>;
  /** What contradicts itself, and what was done about it. */
  warnings: string[];
}

/** Looks at the headers of all files: those that cannot be read, and labels that lie otherwise than their image. */
export async function lookAtGrids(
  { images, labels }: Pick<RawFiles, "images" | "labels">,
  { published }: { published: boolean },
): Promise<GridFindings> {
  const found: GridFindings = { problems: new Map(), warnings: [] };
  const warn = (message: string) => found.warnings.push(message);
  for (const [id, image] of images) {
    try {
      const grid = await readRawGrid(image, warn);
      const label = labels.get(id);
      if (label === undefined) continue;
      sayRelation(label, { image: grid, label: await readRawGrid(label, warn) }, { published, warn });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      found.problems.set(id, error.message);
    }
  }
  return found;
}

/** Throws all problems as one error, if there are any. */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  throw new UserError(
    "data",
    `Cannot use the raw data, ${count}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
  );
}
