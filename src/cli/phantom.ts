import { Command, Option } from "@commander-js/extra-typings";
import { writePhantom } from "../datasets/phantom.ts";
import { writeHearts } from "../datasets/phantom_heart.ts";
import { writeMrPhantom } from "../datasets/phantom_mr.ts";
import { wholeNumber } from "./whole_number.ts";

/** Cases of a cohort unless asked for: as many as every published fold needs, the phantom's own of SABS. */
const CASES = { sabs: 11, chaost2: 20, cmr: 35 };

/** Cases that a raw layout has numbers for. */
const MOST_CASES = { sabs: 30, chaost2: 20, cmr: 35 };

/** Slices of a case unless asked for. */
const SLICES = { sabs: 24, chaost2: 24, cmr: 10 };

/** `deno task phantom`: writes a synthetic cohort in a raw layout. */
export function command() {
  return new Command("phantom")
    .description("writes a synthetic cohort in a raw layout")
    .addOption(
      new Option("--layout <name>", "raw layout").choices(["sabs", "chaost2", "cmr"] as const).default("sabs" as const),
    )
    .requiredOption("--out <dir>", "folder to write to")
    .option(
      "--cases <n>",
      "number of cases (sabs 11, chaost2 20, cmr 35)",
      (text) => wholeNumber(text, "--cases", [1, 35]),
    )
    .option("--size <n>", "side of a slice in voxels", (text) => wholeNumber(text, "--size", [64, 512]), 192)
    .option(
      "--slices <n>",
      "slices of a case (sabs and chaost2 24, cmr 10)",
      (text) => wholeNumber(text, "--slices", [4, 200]),
    )
    .option("--seed <n>", "names one cohort", (text) => wholeNumber(text, "--seed", [0, 2 ** 32 - 1]), 2023)
    .action(async ({ layout, out, cases = CASES[layout], size, slices = SLICES[layout], seed }) => {
      wholeNumber(String(cases), "--cases", [1, MOST_CASES[layout]]);
      const write = { sabs: writePhantom, cmr: writeHearts, chaost2: writeMrPhantom }[layout];
      await write(out, { cases, size, slices, seed }, (done) => console.log(`${done}/${cases} cases`));
    });
}
