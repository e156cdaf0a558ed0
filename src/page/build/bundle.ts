import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lowered } from "./lower_syntax.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * A module with all that it imports, as a browser takes it: small, and without syntax that is younger than ES2022. The bundler is
 * Deno's own, which gets its program from the npm registry once.
 *
 * @param format a script, or a module, which may import what a browser does not have
 */
export async function bundled(module: URL, format: "iife" | "esm" = "iife"): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "dfdt-page-"));
  try {
    const whole = join(dir, "whole.js"), plain = join(dir, "plain.mjs"), small = join(dir, "small.js");
    await bundle(fileURLToPath(module), whole, ["--format", format]);
    await writeFile(plain, lowered(await readFile(whole, "utf8")));
    await bundle(plain, small, ["--format", format, "--minify"]); // what was lowered is long
    return await readFile(small, "utf8");
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function bundle(from: string, to: string, options: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--config", join(ROOT, "deno.json"), "--platform", "browser", ...options],
      ...["--output", to, from],
    ],
    cwd: ROOT,
    stdin: "null",
  }).output();
  if (code === 0) return;
  throw new Error(
    `Cannot bundle "${from}": expected Deno's bundler to succeed, found ` +
      `${new TextDecoder().decode(stderr).trim()}. It needs the npm registry the first time`,
  );
}
