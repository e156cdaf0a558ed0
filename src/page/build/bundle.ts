import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * A module with all that it imports, as a browser takes it. The bundler is Deno's own, which gets its program from the npm registry
 * once.
 *
 * @param format a script, or a module, which may import what a browser does not have
 */
export async function bundled(module: URL, format: "iife" | "esm" = "iife"): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "dfdt-page-"));
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--quiet", "--config", join(ROOT, "deno.json"), "--platform", "browser", "--format", format],
        ...["--minify", "--output", join(dir, "bundle.js"), fileURLToPath(module)],
      ],
      cwd: ROOT,
      stdin: "null",
    }).output();
    if (code !== 0) {
      throw new Error(
        `Cannot bundle "${fileURLToPath(module)}": expected Deno's bundler to succeed, found ` +
          `${new TextDecoder().decode(stderr).trim()}. It needs the npm registry the first time`,
      );
    }
    return await readFile(join(dir, "bundle.js"), "utf8");
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
