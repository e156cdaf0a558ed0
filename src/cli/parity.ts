import { Command } from "@commander-js/extra-typings";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { UserError } from "../errors.ts";
import { type ComparisonRow, worstFirst } from "../parity/comparison.ts";
import { readNetworkFixture } from "../parity/network_fixture.ts";
import { compareNetwork } from "../parity/network.ts";
import { comparePreprocessing } from "../parity/preprocessing.ts";

/**
 * `deno task parity DIR [NAME…]`: replays reference fixtures, of the network (`NAME.safetensors`) and of preprocessing
 * (`NAME/case.json`); exit code 1 if any tensor or file is out of tolerance or missing.
 */
export function command() {
  return new Command("parity")
    .description("replays reference fixtures and compares every tensor or file, worst first")
    .argument("<dir>", "folder with NAME.safetensors or NAME/case.json")
    .argument("[names...]", "fixtures to replay; all unless given")
    .option("--json", "one JSON object a line")
    .action(async (dir, names, { json }) => {
      const chosen = names.length > 0 ? names : await fixtureNames(dir);
      let failed = 0, compared = 0;
      for (const name of chosen) {
        const rows = worstFirst(await compare(dir, name));
        for (const row of rows) console.log(json ? JSON.stringify({ fixture: name, ...row }) : describe(name, row));
        failed += rows.filter(({ ok }) => !ok).length;
        compared += rows.length;
      }
      const summary = { fixtures: chosen.length, compared, failed };
      console.log(json ? JSON.stringify(summary) : `${chosen.length} fixtures, ${compared} compared, ${failed} failed`);
      if (failed > 0) process.exitCode = 1;
    });
}

async function fixtureNames(dir: string): Promise<string[]> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(dir));
  } catch {
    throw new UserError("usage", `Cannot read "${dir}": expected a folder with fixtures, found none`);
  }
  const names = entries.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return existsSync(join(dir, name, "case.json")) ? [name] : [];
    return name.endsWith(".safetensors") ? [name.slice(0, -".safetensors".length)] : [];
  });
  if (names.length === 0) {
    throw new UserError("usage", `Cannot replay "${dir}": expected NAME.safetensors or NAME/case.json, found neither`);
  }
  return names.sort();
}

async function compare(dir: string, name: string): Promise<ComparisonRow[]> {
  const network = join(dir, `${name}.safetensors`), preprocessing = join(dir, name);
  if (existsSync(network)) return await compareNetwork(readNetworkFixture(await Deno.readFile(network), network));
  if (existsSync(join(preprocessing, "case.json"))) return await comparePreprocessing(preprocessing);
  throw new UserError("usage", `Cannot read fixture "${name}": expected "${network}" or "${preprocessing}/case.json"`);
}

function describe(fixture: string, { name, error, tolerance, ok, detail }: ComparisonRow): string {
  const figures = `${error.toExponential(2).padStart(9)} of ${tolerance.toExponential(0).padStart(5)}`;
  return `${ok ? "ok    " : "FAILED"} ${figures}  ${fixture}/${name}${detail ? `  (${detail})` : ""}`;
}
