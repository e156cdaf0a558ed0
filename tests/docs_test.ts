import assert from "node:assert/strict";
import { citationProblems, citationsIn, citedPage } from "../src/testing/citations.ts";

/** Pages that quote code, and the files that they quote. */
const QUOTES: Record<string, string[]> = {
  "docs/adding-a-data-set.md": ["src/datasets/cmr.ts", "experiments/cmr.ts"],
  "docs/adding-a-stage.md": ["src/stages/supervoxels.ts"],
};

for (const [page, files] of Object.entries(QUOTES)) {
  Deno.test(`${page} quotes code as it stands`, async () => {
    const text = await Deno.readTextFile(page);
    const sources = await Promise.all(files.map((file) => Deno.readTextFile(file)));
    const lines = new Set(sources.join("\n").split("\n").map((line) => line.trim()));
    const quoted = [...text.matchAll(/^```ts\n([^]*?)^```/gm)].flatMap(([, code]) => code.split("\n"));
    assert.ok(quoted.length > 5);
    for (const line of quoted) assert.ok(lines.has(line.trim()), `"${line}" is in none of ${files.join(", ")}`);
  });
}

/** Paths of the text files below a folder that may cite a page. */
function citingFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return name === "fixtures" ? [] : citingFiles(path);
    return /\.(ts|wgsl|md)$/.test(name) && !name.startsWith("citations") ? [path] : [];
  });
}

Deno.test("every page and section that a comment or a page cites is there", () => {
  const files = ["src", "kernels", "experiments", "tests", "bench", "docs"].flatMap(citingFiles);
  files.push("mod.ts", "README.md", "BENCHMARKS.md", "data/README.md");
  const texts = files.map((path) => ({ path, text: Deno.readTextFileSync(path) }));
  const pages = new Map(
    texts.filter(({ path }) => path.startsWith("docs/")).map(({ path, text }) => [path, citedPage(text)]),
  );
  const cited = texts.flatMap(({ text }) => citationsIn(text)).filter(({ sections }) => sections.length > 0);
  assert.ok(cited.length > 100, `${cited.length} citations`);
  assert.deepEqual(texts.flatMap(({ path, text }) => citationProblems(path, text, pages)), []);
});
