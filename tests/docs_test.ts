import assert from "node:assert/strict";

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
