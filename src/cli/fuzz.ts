import { Argument, Command } from "@commander-js/extra-typings";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type FormatCount, FuzzCampaign } from "../fuzz/campaign.ts";
import { FORMATS } from "../fuzz/formats.ts";
import { fuzzInput } from "../fuzz/worker.ts";
import { wholeNumber } from "./whole_number.ts";

/** `deno task fuzz [FORMAT…]`: has mutated files read by every reader (docs/reliability.md, "Files that others wrote"). */
export function command() {
  return new Command("fuzz")
    .description("has mutated files read, and reports what is neither read rightly nor refused in our words")
    .addArgument(new Argument("[formats...]", "all unless given").choices(Object.keys(FORMATS)))
    .option("--count <n>", "inputs a format", (text) => wholeNumber(text, "--count", [1, 10_000_000]), 1000)
    .option("--seed <n>", "names the inputs", (text) => wholeNumber(text, "--seed", [0, 2 ** 32 - 1]), 1)
    .option("--first <n>", "number of the first input", (text) => wholeNumber(text, "--first", [0, 2 ** 32 - 1]), 0)
    .option("--keep <dir>", "writes the inputs at fault there, DIR/FORMAT/SEED-NUMBER")
    .option("--json", "one JSON object a line")
    .action(async (formats, { count, seed, first, keep, json }) => {
      using campaign = new FuzzCampaign();
      for (const format of formats.length > 0 ? formats : Object.keys(FORMATS)) {
        const found = await campaign.run(format, { count, seed, first });
        console.log(json ? JSON.stringify(found) : describe(found));
        if (found.faults.length > 0) process.exitCode = 1;
        if (keep === undefined) continue;
        for (const fault of found.faults) {
          await mkdir(join(keep, format), { recursive: true });
          await writeFile(join(keep, format, `${fault.seed}-${fault.index}`), await fuzzInput(fault));
        }
      }
    });
}

/** Faults of a format that are told. */
const MOST_TOLD = 10;

function describe({ format, inputs, taken, refused, faults, seconds, slowest }: FormatCount): string {
  const line =
    `${format.padEnd(16)} ${inputs} inputs: ${taken} taken, ${refused} refused, ${faults.length} at fault; ` +
    `${seconds.toFixed(1)} s, the slowest ${slowest.toFixed(2)} s`;
  const told = faults.slice(0, MOST_TOLD).map(({ index, fault }) => {
    return `  FAULT --first ${index} --count 1: ${fault.split("\n").slice(0, 3).join(" ").slice(0, 400)}`;
  });
  return [line, ...told].join("\n");
}
