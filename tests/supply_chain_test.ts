import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { billOfMaterials, licencesTable, lockedPackages } from "../src/cli/packages.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Licences under which a package may be used in a program of any licence; MPL-2.0 only by tests. */
const ALLOWED = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "Unlicense", "0BSD", "CC0-1.0"];

/** Packages that tests alone import. */
const OF_TESTS = ["axe-core"];

const packages = await lockedPackages(ROOT);

Deno.test("every package of the lock file has its integrity, a licence that allows its use, and runs nothing when installed", async () => {
  assert.ok(packages.length > 50, `${packages.length} packages`);
  for (const { name, licence, sha512, installScripts } of packages) {
    assert.equal(Uint8Array.fromBase64(sha512).length, 64, name);
    assert.ok(ALLOWED.includes(licence) || OF_TESTS.includes(name), `${name}: ${licence}`);
    assert.deepEqual(installScripts, [], name);
  }
  const { lock, allowScripts, nodeModulesDir } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  assert.deepEqual([lock.frozen, allowScripts, nodeModulesDir], [true, undefined, "auto"]);
});

Deno.test("docs/licences.md lists every package of the lock file by its licence", async () => {
  // the formatter pads the cells of a table
  const page = (await readFile(join(ROOT, "docs/licences.md"), "utf8")).replace(/ +/g, " ").replace(/-{3,}/g, "---");
  assert.ok(page.includes(licencesTable(packages)), "./dfdt sbom --licences prints the table");
});

Deno.test("billOfMaterials() names every package once, with its URL, hash and licence", () => {
  const { components } = billOfMaterials(packages, { name: "x", version: "1" }) as {
    components: { purl: string; hashes: { content: string }[]; licenses: { expression: string }[] }[];
  };
  assert.equal(new Set(components.map(({ purl }) => purl)).size, packages.length);
  for (const { purl, hashes, licenses } of components) {
    assert.match(purl, /^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
    assert.match(hashes[0].content, /^[0-9a-f]{128}$/);
    assert.ok(licenses[0].expression.length > 2);
  }
});
