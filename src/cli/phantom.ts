import { Command, Option } from "@commander-js/extra-typings";
import { writePhantom } from "../datasets/phantom.ts";
import { openPhantomFolder } from "../datasets/phantom_folder.ts";
import { writeHearts } from "../datasets/phantom_heart.ts";
import { writeMrPhantom } from "../datasets/phantom_mr.ts";
import { MOST_NNUNET_CASES, writeNnunetPhantom } from "../datasets/phantom_nnunet.ts";
import { UserError } from "../errors.ts";
import { wholeNumber } from "./whole_number.ts";

/** Cases of a cohort unless asked for: as many as every published fold needs, the phantom's own of SABS. */
const CASES = { sabs: 11, chaost2: 20, cmr: 35, nnunet: 11 };

/** Cases that a raw layout has numbers for. */
const MOST_CASES = { sabs: 30, chaost2: 20, cmr: 35, nnunet: MOST_NNUNET_CASES };

/** Slices of a case unless asked for. */
const SLICES = { sabs: 24, chaost2: 24, cmr: 10, nnunet: 24 };

/** `deno task phantom`: writes a synthetic cohort in a raw layout. */
export function command() {
  return new Command("phantom")
    .description("writes a synthetic cohort in a raw layout")
    .addOption(
      new Option("--layout <name>", "raw layout").choices(["sabs", "chaost2", "cmr", "nnunet"] as const)
        .default("sabs" as const),
    )
    .requiredOption("--out <dir>", "folder to write to")
    .option(
      "--cases <n>",
      "number of cases (sabs and nnunet 11, chaost2 20, cmr 35)",
      (text) => wholeNumber(text, "--cases", [1, MOST_NNUNET_CASES]),
    )
    .option("--size <n>", "side of a slice in voxels", (text) => wholeNumber(text, "--size", [64, 512]), 192)
    .option(
      "--slices <n>",
      "slices of a case (sabs, chaost2 and nnunet 24, cmr 10)",
      (text) => wholeNumber(text, "--slices", [4, 200]),
    )
    .option("--seed <n>", "names one cohort", (text) => wholeNumber(text, "--seed", [0, 2 ** 32 - 1]), 2023)
    .option(
      "--labelled <n>",
      "nnunet: number of cases with labels, the first ones (all)",
      (text) => wholeNumber(text, "--labelled", [0, MOST_NNUNET_CASES]),
    )
    .option("--one-slice", "nnunet: of each class only the fullest slice is labelled")
    .action(async ({ layout, out, cases = CASES[layout], size, slices = SLICES[layout], seed, ...labels }) => {
      wholeNumber(String(cases), "--cases", [1, MOST_CASES[layout]]);
      const options = { cases, size, slices, seed };
      const given = labels.labelled !== undefined ? "--labelled" : labels.oneSlice ? "--one-slice" : undefined;
      if (given && layout !== "nnunet") {
        throw new UserError("usage", `Cannot use ${given} with --layout ${layout}: expected --layout nnunet`);
      }
      const { labelled = cases, oneSlice = false } = labels;
      wholeNumber(String(labelled), "--labelled", [0, cases]);
      await openPhantomFolder(out, { layout, ...options, ...labels });
      const onCase = (done: number) => console.log(`${done}/${cases} cases`);
      if (layout === "nnunet") {
        return await writeNnunetPhantom(out, { ...options, labelled, oneSlice }, onCase);
      }
      await { sabs: writePhantom, cmr: writeHearts, chaost2: writeMrPhantom }[layout](out, options, onCase);
    });
}
