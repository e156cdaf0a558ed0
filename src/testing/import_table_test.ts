import assert from "node:assert/strict";
import { folderOf, importedNames, importProblems, nondeterminism } from "./import_table.ts";

Deno.test("importedNames() finds imports of all forms, and none in comments", () => {
  const source = [
    `import a from "./a.ts";`,
    `import type {`,
    `  B,`,
    `} from "./b.ts";`,
    `export { c } from "./c.ts";`,
    `import "./d.ts";`,
    `import text from "./e.wgsl" with { type: "text" };`,
    `/**`,
    ` * import { f } from "./f.ts";`,
    ` */`,
    `// await import("./g.ts")`,
    `const h = await import("./h.ts");`,
    `export const i = "./i.ts";`,
  ].join("\n");
  assert.deepEqual(importedNames(source), ["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.wgsl", "./h.ts"]);
});

Deno.test("folderOf() takes the innermost folder of the table", () => {
  assert.equal(folderOf("src/imaging/io/nifti.ts"), "src/imaging/io");
  assert.equal(folderOf("src/imaging/files/nifti_file.ts"), "src/imaging/files");
  assert.equal(folderOf("src/imaging/crop.ts"), "src/imaging");
  assert.equal(folderOf("src/errors.ts"), undefined);
});

Deno.test("importProblems() allows what the table allows", () => {
  for (
    const [path, source] of [
      ["src/nn/a.ts", `import { x } from "../../kernels/mod.ts";`],
      ["src/nn/a.ts", `import { x } from "../errors.ts";\nimport { y } from "./b.ts";`],
      ["src/nn/a_test.ts", `import { x } from "../testing/y.ts";\nimport assert from "node:assert/strict";`],
      ["src/imaging/io/a.ts", `import { x } from "../volume.ts";\nimport * as n from "nifti-reader-js";`],
      ["kernels/sum/sum.ts", `import source from "./sum.wgsl" with { type: "text" };`],
      ["src/gpu/a.ts", `// Deno.writeFile is not for us`],
    ]
  ) assert.deepEqual(importProblems(path, source), [], source);
});

Deno.test("importProblems() refuses what the table does not allow", () => {
  for (
    const [path, source] of [
      ["src/tensor/a.ts", `import { x } from "../../kernels/mod.ts";`],
      ["src/imaging/a.ts", `import { x } from "./io/nifti.ts";`],
      ["src/imaging/io/a.ts", `import { x } from "../files/nifti_file.ts";`],
      ["src/imaging/io/a.ts", `import { createHash } from "node:crypto";`],
      ["src/inference/a.ts", `import { x } from "../imaging/io/nifti.ts";`],
      ["src/nn/a.ts", `import { x } from "../testing/y.ts";`],
      ["src/nn/a.ts", `import { join } from "node:path";`],
      ["src/nn/a.ts", `const x = await Deno.readFile("x");`],
      ["src/imaging/a.ts", `import { z } from "zod";`],
      ["tests/a.ts", `import { x } from "jsr:@std/path";`],
      ["kernels/sum/sum.ts", `import source from "../mean/mean.wgsl" with { type: "text" };`],
      ["src/unheard/a.ts", ``],
    ]
  ) assert.equal(importProblems(path, source).length, 1, `${path}: ${source}`);
});

Deno.test("nondeterminism() finds clocks and unseeded numbers in numeric folders only", () => {
  const source = `const x = Math.random() + Date.now(); // new Date`;
  assert.deepEqual(nondeterminism("src/nn/a.ts", source), ["src/nn/a.ts: Math.random", "src/nn/a.ts: Date.now"]);
  assert.deepEqual(nondeterminism("src/training/a.ts", source), []);
});
