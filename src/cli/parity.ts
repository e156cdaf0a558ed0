import { Command } from "@commander-js/extra-typings";
import { join } from "node:path";
import process from "node:process";
import { UserError } from "../errors.ts";
import { forceKernelSet } from "../gpu/mod.ts";
import { type ComparisonRow, worstFirst } from "../parity/comparison.ts";
import { readNetworkFixture } from "../parity/network_fixture.ts";
import { compareNetwork } from "../parity/network.ts";

/** `deno task parity DIR [NAME…]`: replays reference fixtures; exit code 1 if any tensor is out of tolerance or missing. */
export function command() {
  return new Command("parity")
    .description("replays reference fixtures and compares every tensor, worst first")
    .argument("<dir>", "folder with NAME.safetensors")
    .argument("[names...]", "fixtures to replay; all unless given")
    .option("--json", "one JSON object a line")
    .action(async (dir, names, { json }) => {
      const kernels = Deno.env.get("DFDT_KERNELS");
      if (kernels === "gpu" || kernels === "llvmpipe") forceKernelSet(kernels);
      else if (kernels) throw new UserError("usage", `Unknown DFDT_KERNELS "${kernels}": expected "gpu" or "llvmpipe"`);
      const chosen = names.length > 0 ? names : await fixtureNames(dir);
      let failed = 0, compared = 0;
      for (const name of chosen) {
        const rows = worstFirst(await compareNetwork(await load(dir, name)));
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
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(dir)) {
      if (name.endsWith(".safetensors")) names.push(name.slice(0, -".safetensors".length));
    }
  } catch {
    throw new UserError("usage", `Cannot read "${dir}": expected a folder with fixtures, found none`);
  }
  if (names.length === 0) throw new UserError("usage", `Cannot replay "${dir}": expected NAME.safetensors, found none`);
  return names.sort();
}

async function load(dir: string, name: string) {
  const path = join(dir, `${name}.safetensors`);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch {
    throw new UserError("usage", `Cannot read "${path}": expected a fixture, found no such file`);
  }
  return readNetworkFixture(bytes, path);
}

function describe(fixture: string, { name, error, tolerance, ok, detail }: ComparisonRow): string {
  const figures = `${error.toExponential(2).padStart(9)} of ${tolerance.toExponential(0).padStart(5)}`;
  return `${ok ? "ok    " : "FAILED"} ${figures}  ${fixture}/${name}${detail ? `  (${detail})` : ""}`;
}
