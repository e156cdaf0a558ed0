import { basename, resolve } from "node:path";
import { stat } from "node:fs/promises";
import { CHANNEL, refuseChannels, VOLUME_ENDING } from "../datasets/nnunet.ts";
import { isFolder, visibleNames } from "../datasets/raw_files.ts";
import { UserError } from "../errors.ts";
import { listDicom } from "../imaging/files/dicom_folder.ts";

/** A scan to segment. */
export interface QueryCase {
  /** Its name, after which its files are called. */
  id: string;
  /** Its file, or the folder of its DICOM series. */
  path: string;
}

/** What was found of the scans that a user named. */
export interface Queries {
  /** In the order given, those of a folder sorted by name. */
  cases: QueryCase[];
  /** What was passed over. */
  warnings: string[];
}

/**
 * Finds scans: files, folders with a DICOM series, and folders of such, cohorts.
 *
 * @param paths as the user gave them
 * @param options.out a folder that is none of a cohort's cases
 * @throws {UserError} if one is no scan, or two have one name
 */
export async function findQueries(paths: readonly string[], { out }: { out: string }): Promise<Queries> {
  const found: Queries = { cases: [], warnings: [] };
  for (const path of paths) {
    found.cases.push(...await casesAt(path, { out, warn: (text) => found.warnings.push(text) }));
  }
  const byId = Map.groupBy(found.cases, ({ id }) => id.toLowerCase().normalize("NFC")); // of systems that know no capitals
  for (const [first, second] of byId.values()) {
    if (second) {
      throw new UserError(
        "usage",
        `Cannot segment "${second.path}": expected a case of another name than "${first.id}", which is "${first.path}", ` +
          "too. Segment them into different folders",
      );
    }
  }
  return found;
}

async function casesAt(
  path: string,
  { out, warn }: { out: string; warn: (message: string) => void },
): Promise<QueryCase[]> {
  const exists = await stat(path).then(() => true, () => false);
  if (!exists) {
    throw new UserError("data", `Cannot segment "${path}": expected a scan or a folder of scans, found none`);
  }
  if (!await isFolder(path)) {
    const ending = VOLUME_ENDING.exec(path)?.[0];
    if (ending !== undefined) return [{ id: caseName(basename(path).slice(0, -ending.length)), path }];
    throw new UserError(
      "data",
      `Cannot segment "${path}": expected a file that ends in .nii.gz, .nii or .png, or the folder of a DICOM series`,
    );
  }
  if ((await listDicom(path)).length > 0) return [{ id: caseName(basename(resolve(path))), path }];
  return await cohortAt(path, { out, warn });
}

async function cohortAt(
  dir: string,
  { out, warn }: { out: string; warn: (message: string) => void },
): Promise<QueryCase[]> {
  const cases: QueryCase[] = [];
  const files = new Map<string, string>(), others = new Map<string, string[]>();
  for (const { name, path } of await visibleNames(dir)) {
    const ending = VOLUME_ENDING.exec(name)?.[0];
    if (await isFolder(path)) {
      if (resolve(path) === resolve(out)) continue;
      if ((await listDicom(path)).length > 0) cases.push({ id: caseName(name), path });
      else others.set("folders without a DICOM series", [...others.get("folders without a DICOM series") ?? [], name]);
    } else if (ending !== undefined) {
      const plain = name.slice(0, -ending.length);
      files.set(plain, path);
      cases.push({ id: caseName(plain), path });
    } else {
      const kind = `files that end in ${/\.[^.]*$/.exec(name)?.[0] ?? "nothing"}`;
      others.set(kind, [...others.get(kind) ?? [], name]);
    }
  }
  refuseChannels(files);
  if (cases.length === 0) {
    const hint = others.get("folders without a DICOM series")?.find((name) => /^images(Ts|Tr)$/.test(name));
    throw new UserError(
      "data",
      `Cannot segment "${dir}": expected scans (.nii.gz, .nii, .png) or folders with a DICOM series in it, found none` +
        (hint ? `. Give its folder "${hint}"` : ""),
    );
  }
  for (const [kind, [first, ...more]] of others) {
    warn(`"${dir}": ${kind} are passed over: "${first}"${more.length > 0 ? ` and ${more.length} more` : ""}`);
  }
  return cases;
}

/** The name of a case, without the channel that nnU-Net puts after it. */
function caseName(name: string): string {
  const match = CHANNEL.exec(name);
  return match?.[2] === "0000" ? match[1] : name;
}
