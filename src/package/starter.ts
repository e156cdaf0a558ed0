/**
 * `bin.mjs` of the package. Under Deno (`deno run -A npm:…`, `deno x`) it runs the program; under Node (`npx`) it starts the
 * Deno that the package depends on, with itself.
 */
export const STARTER = `#!/usr/bin/env node
// Runs the command line on Deno: on the one that runs this file, or on the one that this package depends on.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const NEEDS_NO_ADAPTER = ["phantom", "verify", "inspect", "export", "status", "clean", "completions", "report", "watch"];

if (globalThis.Deno) {
  const { main } = await import("./src/cli/main.js");
  setUpDriver(Deno.execPath(), Deno.args);
  Deno.exit(await main(Deno.args));
} else {
  const deno = denoOf(createRequire(import.meta.url));
  const { status, signal } = spawnSync(deno, ["run", "-A", "--quiet", fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1" },
  });
  process.exit(status ?? (signal ? 130 : 1));
}

// The binary lies in a package of its own for every platform.
function denoOf(require) {
  const folder = dirname(dirname(require.resolve("deno/package.json")));
  const platforms = join(folder, "@deno");
  const nested = join(folder, "deno", "node_modules", "@deno");
  for (const parent of [platforms, nested]) {
    for (const name of existsSync(parent) ? readdirSync(parent) : []) {
      const deno = join(parent, name, process.platform === "win32" ? "deno.exe" : "deno");
      if (existsSync(deno) && spawnSync(deno, ["--version"]).status === 0) return deno;
    }
  }
  console.error("dfdt: expected a binary of the npm package deno in " + platforms + ", found none that runs here");
  process.exit(1);
}

// A Vulkan driver where no adapter is found, as ./dfdt of the project sets it up.
function setUpDriver(deno, args) {
  const [task] = args;
  if (process.platform !== "linux" || task === undefined || task.startsWith("-") || NEEDS_NO_ADAPTER.includes(task)) return;
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "dfdt");
  const env = { ...process.env, DFDT_SET_UP: "driver", DFDT_CACHE: cache, DFDT_DENO: deno };
  const { status } = spawnSync("sh", [join(here, "dfdt"), ...args], { stdio: ["ignore", "inherit", "inherit"], env });
  if (status !== 0 && task !== "doctor") process.exit(status ?? 1);
  process.env.XDG_RUNTIME_DIR ||= join(cache, "runtime"); // Mesa prints a warning without it
}
`;
