import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The program that Deno's bundler uses, too, which does not let one name the browsers that the code is for. */
const ESBUILD = "npm:esbuild@0.25.5";

/** What browsers that have WebGPU understand; younger are `using` and `await using`. */
const TARGET = "es2022";

/**
 * A module with all that it imports, as a browser takes it. Deno's bundler gets its program from the npm registry once.
 *
 * @param format a script, or a module, which may import what a browser does not have
 */
export async function bundled(module: URL, format: "iife" | "esm" = "iife"): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "dfdt-page-"));
  try {
    const young = join(dir, "young.js"), old = join(dir, "old.js");
    await run(`bundle "${fileURLToPath(module)}"`, [
      ...["bundle", "--quiet", "--config", join(ROOT, "deno.json"), "--platform", "browser", "--format", format],
      ...["--output", young, fileURLToPath(module)],
    ]);
    await run("bring the page's code to what browsers understand", [
      ...["run", "--quiet", "--allow-all", "--no-lock", "--no-config", "--node-modules-dir=none", ESBUILD],
      ...["--log-level=error", "--minify", "--charset=utf8", `--target=${TARGET}`, `--outfile=${old}`, young],
    ]);
    return await readFile(old, "utf8");
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function run(what: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdin: "null" })
    .output();
  if (code === 0) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Error(
    `Cannot ${what}: expected the bundler to succeed, found ${said}. It needs the npm registry the first time`,
  );
}
