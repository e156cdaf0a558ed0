import { Command } from "@commander-js/extra-typings";
import { writeWhole } from "../disk.ts";
import { UserError } from "../errors.ts";
import { findQueries } from "../segmentation/query_cases.ts";

/** `deno task report DIR…`: the page of a run, finished or not. */
export function command() {
  return new Command("report")
    .description("writes the page of a run, finished or not, or of several side by side")
    .argument("<dirs...>", "WORK, WORK/EXPERIMENT, the folder of a stage, WORK/EXPERIMENT/test/KEY, or of masks")
    .option(
      "--out <file>",
      "the page (WORK/EXPERIMENT/report.html, of masks OUT/index.html, of several comparison.html)",
    )
    .option("--query <path...>", "where the scans lie now that were segmented")
    .action(async (dirs, { out, query = [] }) => {
      if (query.length > 0 && dirs.length > 1) {
        throw new UserError("usage", `Cannot use --query with ${dirs.length} folders: expected one`);
      }
      const path = dirs.length === 1 ? await onePage(dirs[0], { out, query }) : await comparison(dirs, out);
      console.log(path);
    });
}

async function onePage(dir: string, { out, query }: { out?: string; query: readonly string[] }): Promise<string> {
  const { findRun, makePage } = await import("../report/mod.ts");
  const { cases } = await findQueries(query, { out: dir });
  const { page, source } = await findRun(dir, { scans: Object.fromEntries(cases.map(({ id, path }) => [id, path])) });
  return await write(out ?? page, await makePage(source));
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
  await writeWhole(path, page).catch((error) => {
    throw new UserError("usage", `Cannot write "${path}": ${error.message}. Choose another place by --out`);
  });
  return path;
}
