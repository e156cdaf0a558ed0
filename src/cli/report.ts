import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import { UserError } from "../errors.ts";

/** `deno task report DIR…`: the page of a run, finished or not. */
export function command() {
  return new Command("report")
    .description("writes the page of a run, finished or not, or of several side by side")
    .argument("<dirs...>", "WORK, WORK/EXPERIMENT, or the folder of a stage, WORK/EXPERIMENT/test/KEY")
    .option("--out <file>", "the page (WORK/EXPERIMENT/report.html, of several comparison.html)")
    .action(async (dirs, { out }) => {
      const path = dirs.length === 1 ? await onePage(dirs[0], out) : await comparison(dirs, out);
      console.log(path);
    });
}

async function onePage(dir: string, out: string | undefined): Promise<string> {
  const { findRun, makePage } = await import("../report/mod.ts");
  const { directory, source } = await findRun(dir);
  return await write(out ?? join(directory, "report.html"), await makePage(source));
}

/** Runs side by side, each with the folder that was typed. */
async function comparison(dirs: readonly string[], out = "comparison.html"): Promise<string> {
  const { comparedRun, comparisonPage, findRun, MOST_RUNS } = await import("../report/mod.ts");
  if (dirs.length > MOST_RUNS) {
    throw new UserError("usage", `Cannot compare ${dirs.length} runs: expected at most ${MOST_RUNS}`);
  }
  const runs = await Promise.all(dirs.map(async (dir, i) => comparedRun(await findRun(dir), i, dir)));
  return await write(out, comparisonPage(runs));
}

async function write(path: string, page: string): Promise<string> {
  const { writeWhole } = await import("../report/mod.ts");
  await writeWhole(path, page).catch((error) => {
    throw new UserError("usage", `Cannot write "${path}": ${error.message}. Choose another place by --out`);
  });
  return path;
}
