import { z } from "zod";
import { UserError } from "../errors.ts";
import { readJsonFile } from "./json_file.ts";

/** One fold of nnU-Net's cross-validation. */
export interface Split {
  /** Ids of the training cases. */
  train: string[];
  /** Ids of the test cases, in the order written. */
  val: string[];
}

const caseNames = z.array(
  z.union([z.string(), z.number()]).transform((name) => String(name).normalize("NFC")),
  "a list",
);

/** Reads nnU-Net's `splits_final.json`, a list of folds `{ train, val }` of case names; `undefined` if there is no such file. */
export async function readSplits(path: string): Promise<Split[] | undefined> {
  const splits = await readJsonFile(
    path,
    z.array(
      z.looseObject({ train: caseNames, val: caseNames }, 'a fold { "train": […], "val": […] } of case names'),
      'a list of folds { "train": […], "val": […] } of case names',
    ),
  );
  if (!splits) return undefined;
  if (splits.length > 0) return splits.map(({ train, val }) => ({ train, val }));
  throw new UserError("data", `Cannot use "${path}": expected at least one fold, found none`);
}
