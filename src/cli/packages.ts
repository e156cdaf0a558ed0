import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** An npm package that the lock file names. */
export interface LockedPackage {
  /** Its name. */
  name: string;
  /** Its version. */
  version: string;
  /** sha512 of its tarball, in base64. */
  sha512: string;
  /** Its licence, as an SPDX expression. */
  licence: string;
  /** Scripts that npm would run when it is installed. Deno runs none. */
  installScripts: string[];
}

const lockSchema = z.object({
  npm: z.record(z.string(), z.object({ integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]+=*$/) })),
});

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]),
  scripts: z.record(z.string(), z.string()).default({}),
});

/** Scripts that run when a package is installed. */
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall"];

/** How a package is called in the lock file: its name, its version, and of peers theirs. */
const LOCKED_NAME = /^(@?[^@]+)@([^_]+)/;

/**
 * All npm packages that `deno.lock` names, sorted, each once.
 *
 * @param project folder with the lock file and what was installed from it
 * @throws {Error} for one without integrity, without licence, or that is not installed
 */
export async function lockedPackages(project: string): Promise<LockedPackage[]> {
  const { npm } = lockSchema.parse(JSON.parse(await readFile(join(project, "deno.lock"), "utf8")));
  const folders = await readdir(join(project, "node_modules/.deno"));
  const found = new Map<string, LockedPackage>();
  for (const [key, { integrity }] of Object.entries(npm)) {
    const [, name, version] = LOCKED_NAME.exec(key)!;
    const prefix = `${name.replace("/", "+")}@${version}`;
    const folder = folders.find((one) => one === prefix || one.startsWith(`${prefix}_`));
    if (!folder) {
      throw new Error(`Cannot list "${key}": expected it in node_modules, found none. Run deno install --frozen`);
    }
    const path = join(project, "node_modules/.deno", folder, "node_modules", name, "package.json");
    const { license: licence, scripts, ...about } = packageSchema.parse(JSON.parse(await readFile(path, "utf8")));
    if (about.version !== version) throw new Error(`Cannot list "${key}": expected ${version}, found ${about.version}`);
    const installScripts = INSTALL_SCRIPTS.filter((script) => script in scripts);
    found.set(`${name}@${version}`, {
      name,
      version,
      sha512: integrity.slice("sha512-".length),
      licence,
      installScripts,
    });
  }
  return [...found.values()].sort((a, b) => a.name < b.name || a.name === b.name && a.version < b.version ? -1 : 1);
}

/** The software bill of materials of the project: CycloneDX 1.6 in JSON, the same bytes for the same lock file. */
export function billOfMaterials(
  packages: readonly LockedPackage[],
  { name, version }: { name: string; version: string },
): Record<string, unknown> {
  const component = (one: LockedPackage) => ({
    type: "library",
    "bom-ref": purlOf(one),
    name: one.name,
    version: one.version,
    purl: purlOf(one),
    licenses: [{ expression: one.licence }],
    hashes: [{ alg: "SHA-512", content: Uint8Array.fromBase64(one.sha512).toHex() }],
  });
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "application", "bom-ref": "dfdt", name, version, licenses: [{ expression: "MIT" }] },
    },
    components: packages.map(component),
  };
}

/** The packages with their licences as a table, those of one licence together. */
export function licencesTable(packages: readonly LockedPackage[]): string {
  const groups = [...Map.groupBy(packages, ({ licence }) => licence)].sort(([a], [b]) => a < b ? -1 : 1);
  const rows = groups.map(([licence, all]) =>
    `| ${licence} | ${all.map(({ name, version }) => `${name} ${version}`).join(", ")} |`
  );
  return ["| licence | packages |", "| --- | --- |", ...rows].join("\n");
}

/** The package's URL (https://github.com/package-url/purl-spec). */
function purlOf({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}
