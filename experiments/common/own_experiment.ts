import type { UserDataset } from "../../src/datasets/nnunet.ts";
import { UserError } from "../../src/errors.ts";
import { ownData } from "./own_data.ts";

/** A case of a data set of one's own. */
export interface OwnCase {
  /** Its name in tables and files. */
  id: string;
  /** Its scan: `.nii.gz`, `.nii`, a grey `.png`, or a folder with a DICOM series. */
  image: string;
  /** Its labels, as far as it has some. */
  label?: string;
}

/** A data set of one's own. */
export interface OwnDataset {
  /** Its name; the experiment's unless given. */
  name?: string;
  /** `CT` goes through a window of HU, anything else through a cut of the highest intensities. */
  channel: string;
  /** What label files hold for each class; 0 is background. */
  classes: Readonly<Record<string, number>>;
  /** All cases, those without labels as well. */
  cases: readonly OwnCase[];
}

/** What makes an experiment of a data set. */
export interface OwnExperiment {
  /** Its name, that of its module: `experiments/NAME.ts`. */
  name: string;
  /** What it is, for the help. */
  about: string;
  /**
   * Lists what lies in the folder that `--data` names.
   *
   * @throws {UserError} if it cannot be listed
   */
  list(folder: string): Promise<OwnDataset>;
}

/** An experiment as `./dfdt pipeline` runs it: what a module in `experiments/` exports by default. */
export interface ExperimentModule {
  /** Its name. */
  readonly name: string;
  /** What it is. */
  readonly about: string;
}

/**
 * An experiment on a data set of one's own, in whatever layout it lies: everything that `custom` does
 * (docs/command-line.md, "`custom`: a user's own data"), with the same stages, options and checks.
 *
 * @example
 * ```ts ignore
 * import { ownExperiment } from "dfdt";
 *
 * export const knees = ownExperiment({
 *   name: "knees",
 *   about: "knee MR, scans and masks in two folders",
 *   async list(folder) {
 *     const ids = (await Array.fromAsync(Deno.readDir(`${folder}/scans`), ({ name }) => name.replace(".nii.gz", "")));
 *     return {
 *       channel: "MR",
 *       classes: { meniscus: 1, cartilage: 2 },
 *       cases: ids.map((id) => ({ id, image: `${folder}/scans/${id}.nii.gz`, label: `${folder}/masks/${id}.nii.gz` })),
 *     };
 *   },
 * });
 * console.assert(knees.name === "knees");
 * ```
 */
export function ownExperiment({ name, about, list }: OwnExperiment): ExperimentModule {
  return ownData({ name, about, list: async (folder) => asListing(await list(folder)) });
}

function asListing({ name, channel, classes, cases }: OwnDataset): UserDataset {
  const named = Object.entries(classes).sort(([, a], [, b]) => a - b);
  const wrong = named.find(([, value]) => !Number.isSafeInteger(value) || value === 0);
  if (wrong || named.length === 0) {
    throw new UserError(
      "data",
      `Cannot use the classes of the experiment: expected whole numbers other than 0, found ${
        wrong ? `${wrong[1]} for "${wrong[0]}"` : "no class"
      }`,
    );
  }
  if (cases.length === 0) {
    throw new UserError("data", "Cannot use the raw data: expected at least one case, found none");
  }
  const sorted = cases.map((one) => ({ ...one, id: one.id.normalize("NFC") }))
    .sort((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  const twice = sorted.find(({ id }, i) => sorted[i - 1]?.id === id);
  if (twice) {
    throw new UserError("data", `Cannot use "${twice.image}": expected a case of another name than "${twice.id}"`);
  }
  return {
    about: {
      name,
      channel,
      classes: ["BG", ...named.map(([className]) => className)],
      labelling: { values: [0, ...named.map(([, value]) => value)] },
    },
    images: new Map(sorted.map(({ id, image }) => [id, image])),
    labels: new Map(sorted.flatMap(({ id, label }) => label === undefined ? [] : [[id, label]])),
    unpaired: new Map(),
    further: new Map(),
    leftOut: new Map(),
    warnings: [],
  };
}
