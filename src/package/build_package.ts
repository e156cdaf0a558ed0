import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };
import { emit } from "./emit.ts";
import { thirdPartyLicences } from "./licences.ts";
import { STARTER } from "./starter.ts";

/** Folders whose modules go in. */
const FOLDERS = ["experiments", "kernels", "src"];

/** What only the project itself needs. */
const LEFT_OUT =
  /_test\.tsx?$|^bench\/|^src\/(?:testing|fuzz|page|package)\/|^src\/cli\/(?:test|check|page|package|fuzz|bench)\.(?:ts|js|d\.ts)$/;

/** Packages of the project that only its tests and its building need. */
const DEVELOPMENT = ["axe-core", "fast-check", "playwright-core", "typescript"];

/** Files that go in as they are. */
const AS_THEY_ARE = ["LICENSE", "README.md", "CHANGELOG.md", "dfdt"];

/**
 * Writes the package into a folder.
 *
 * @param root the project's folder
 * @param out an empty folder, or one that is not there
 * @param name what the package is called
 */
export async function writePackage(root: string, out: string, name: string): Promise<void> {
  const found = await Promise.all(FOLDERS.map((folder) => modulesBelow(root, folder)));
  const modules = [...found.flat().filter((path) => !LEFT_OUT.test(path)), "mod.ts", "kernels.ts", "types.ts"];
  const files = await emit(root, modules, LEFT_OUT);
  const imports = Object.entries(denoJson.imports).filter(([name, target]) => {
    return target.startsWith("npm:") && !DEVELOPMENT.includes(name);
  });
  const dependencies = Object.fromEntries(
    imports.map(([name, target]) => [name, target.slice(target.lastIndexOf("@") + 1)]),
  );
  for (const path of AS_THEY_ARE) files.set(path, await readFile(join(root, path), "utf8"));
  files.set("bin.mjs", STARTER);
  files.set("THIRD_PARTY_LICENCES.md", await thirdPartyLicences(root, Object.keys(dependencies)));
  const denoVersion = /^deno_version=(\S+)/m.exec(files.get("dfdt")!)![1];
  files.set(
    "package.json",
    JSON.stringify(manifest(name, { ...dependencies, deno: denoVersion }), undefined, 2) + "\n",
  );
  files.set("PROVENANCE.json", JSON.stringify(provenance(files), undefined, 1) + "\n");
  await rm(out, { recursive: true, force: true });
  for (const [path, text] of files) {
    await mkdir(join(out, dirname(path)), { recursive: true });
    await writeFile(join(out, path), text, { mode: path === "dfdt" || path === "bin.mjs" ? 0o755 : 0o644 });
  }
}

function manifest(name: string, dependencies: Record<string, string>) {
  const entry = (name: string) => ({ types: `./${name}.d.ts`, default: `./${name}.js` });
  return {
    name,
    version: denoJson.version,
    description: "Few-shot segmentation of medical images with DFDT, on WebGPU",
    license: "MIT",
    type: "module",
    bin: { [name]: "bin.mjs" },
    exports: { ".": entry("mod"), "./kernels": entry("kernels"), "./package.json": "./package.json" },
    engines: { node: ">=20" },
    dependencies,
  };
}

/** The sha256 of every file, so that anybody can build the package again and compare. */
function provenance(files: ReadonlyMap<string, string>) {
  const digests = [...files].sort(([a], [b]) => a < b ? -1 : 1).map(([path, text]) => [
    path,
    createHash("sha256").update(text).digest("hex"),
  ]);
  return { version: denoJson.version, built: "deno task package", files: Object.fromEntries(digests) };
}

/** Modules below a folder; what runs in a page goes in as text, by whoever imports it. */
async function modulesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(entries.map(async (entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return await modulesBelow(root, path);
    return /(?<!\.client)\.tsx?$/.test(path) ? [path] : [];
  }));
  return found.flat().sort();
}
