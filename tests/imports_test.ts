import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  IMPORT_TABLE,
  importCircles,
  importProblems,
  importTableMarkdown,
  nondeterminism,
} from "../src/testing/import_table.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Paths of the TypeScript files below a folder, from the project's root. */
function typescriptFiles(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? typescriptFiles(path) : /\.tsx?$/.test(name) ? [path] : [];
  });
}

const paths = ["src", "kernels", "experiments", "tests", "bench"].flatMap(typescriptFiles);
paths.push(...["mod.ts", "types.ts", "kernels.ts"].filter((path) => existsSync(join(ROOT, path))));
const sources = paths.sort().map((path) => ({ path, text: Deno.readTextFileSync(join(ROOT, path)) }));

Deno.test("every import is allowed by the import table", () => {
  assert.ok(sources.length > 100);
  assert.deepEqual(sources.flatMap(({ path, text }) => importProblems(path, text)), []);
});

Deno.test("no two files import each other, directly or in a circle, types included", () => {
  assert.deepEqual(importCircles(new Map(sources.map(({ path, text }) => [path, text]))), []);
});

Deno.test("IMPORT_TABLE names folders that have rows, and stands in docs/architecture.md", () => {
  for (const { folders } of Object.values(IMPORT_TABLE)) {
    for (const name of folders) assert.ok(IMPORT_TABLE[name], name);
  }
  // the formatter pads the cells of a table
  const page = Deno.readTextFileSync(join(ROOT, "docs/architecture.md")).replace(/ +/g, " ").replace(/-{3,}/g, "---");
  assert.ok(page.includes(importTableMarkdown()), `expected in docs/architecture.md:\n${importTableMarkdown()}`);
});

Deno.test("every operator folder has its test and stands in kernels/mod.ts", () => {
  const exported = Deno.readTextFileSync(join(ROOT, "kernels/mod.ts"));
  for (const { name, isDirectory } of Deno.readDirSync(join(ROOT, "kernels"))) {
    if (!isDirectory) continue;
    assert.ok(paths.includes(`kernels/${name}/${name}_test.ts`), `kernels/${name} has no ${name}_test.ts`);
    assert.ok(exported.includes(`"./${name}/${name}.ts"`), `kernels/mod.ts does not export ${name}`);
  }
});

Deno.test("numeric folders use neither a clock nor random numbers without a seed", () => {
  assert.deepEqual(sources.flatMap(({ path, text }) => nondeterminism(path, text)), []);
});

Deno.test("every package is pinned in deno.json to one version of the npm registry", () => {
  const { imports } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  for (const [name, target] of Object.entries(imports)) {
    if (/^dfdt(\/|$)/.test(name)) continue; // itself, for experiments and programs of a user's own
    assert.match(String(target), new RegExp(`^npm:${name}@\\d+\\.\\d+\\.\\d+$`));
  }
});
