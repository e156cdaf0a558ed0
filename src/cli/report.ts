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
      const { findRun, makePage, writeWhole } = await import("../report/mod.ts");
      const { directory, source } = await findRun(dirs[0]);
      const path = out ?? join(directory, "report.html");
      const page = await makePage(source);
      await writeWhole(path, page).catch((error) => {
        throw new UserError("usage", `Cannot write "${path}": ${error.message}. Choose another place by --out`);
      });
      console.log(path);
    });
}
