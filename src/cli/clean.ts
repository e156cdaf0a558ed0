import { Command } from "@commander-js/extra-typings";
import process from "node:process";
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { UserError } from "../errors.ts";
import { findGarbage, type Garbage, removeGarbage } from "../pipeline/mod.ts";
import { wholeNumber } from "./whole_number.ts";

/** `deno task clean`: lists, and with `--yes` removes, what no run has needed for a while. */
export function command() {
  return new Command("clean")
    .description("lists artifacts and unfinished work that no run has needed for a while, and removes them with --yes")
    .option("--work <dir>", "where artifacts lie", "runs")
    .option("--days <n>", "from how many days on", (text) => wholeNumber(text, "--days", [0, 36500]), 30)
    .option("--yes", "removes what is listed")
    .action(async ({ work, days, yes }) => {
      if (!existsSync(work)) {
        throw new UserError(
          "usage",
          `Cannot clean "${work}": expected the folder of artifacts, found none. Give it by --work`,
        );
      }
      const garbage = await findGarbage(work, { days, now: new Date() });
      let kept = 0;
      for (const one of garbage) {
        const isGone = yes && await removeGarbage(one);
        if (yes && !isGone) kept++;
        if (one.kind !== "lock") console.log(describe(one, work, yes ? isGone ? "removed" : "in use" : "old"));
      }
      const shown = garbage.filter(({ kind }) => kind !== "lock");
      const bytes = size(garbage.reduce((sum, one) => sum + one.bytes, 0));
      const what = `${shown.length} ${
        shown.length === 1 ? "folder" : "folders"
      } that no run has read or made for ${days} days`;
      console.log(
        yes ? `${what}: removed${kept > 0 ? ` all but ${kept} in use` : ""}` : `${what}: ${bytes}; --yes removes them`,
      );
      if (kept > 0) process.exitCode = 1;
    });
}

function describe({ path, kind, days, bytes }: Garbage, work: string, state: string): string {
  const what = kind === "unfinished" ? "unfinished" : "artifact";
  return `${state.padEnd(8)} ${what.padEnd(10)} ${size(bytes).padStart(10)} ${String(days).padStart(5)} days  ${
    relative(work, path)
  }`;
}

function size(bytes: number): string {
  return bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
