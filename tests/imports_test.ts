import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** What a folder may import (docs/architecture.md, "Who may import whom"); its own folder and these always. */
const ALWAYS = ["src/errors.ts", "src/random.ts"];

interface Rule {
  folders: string[];
  packages: boolean; // npm:, node: and Deno
}

const EVERYTHING: Rule = { folders: ["src", "kernels", "experiments", "data"], packages: true };

const TABLE: Record<string, Rule> = {
  "src/gpu": { folders: [], packages: false },
  "src/tensor": { folders: ["src/gpu"], packages: false },
  "kernels": { folders: ["src/tensor", "src/gpu"], packages: false },
  "src/nn": { folders: ["kernels", "src/tensor"], packages: false },
  "src/dfdt": { folders: ["src/nn", "kernels", "src/tensor"], packages: false },
  "src/fewshot": { folders: ["kernels", "src/tensor"], packages: false },
  "src/weights": { folders: [], packages: false },
  "src/training": { folders: ["src/nn", "kernels", "src/tensor", "src/gpu", "src/weights"], packages: true },
  "src/imaging/io": { folders: ["src/imaging"], packages: true },
  "src/imaging": { folders: [], packages: false },
  "src/datasets": { folders: ["src/imaging"], packages: true },
  "src/inference": {
    folders: ["src/dfdt", "src/nn", "src/tensor", "src/fewshot", "src/imaging", "src/weights"],
    packages: false,
  },
  "src/pipeline": { folders: [], packages: true },
  "src/report": { folders: ["src/imaging"], packages: true },
  "src/parity": {
    folders: [
      "src/gpu",
      "src/tensor",
      "kernels",
      "src/nn",
      "src/dfdt",
      "src/fewshot",
      "src/weights",
      "src/training",
      "src/imaging",
      "src/datasets",
      "src/inference",
      "src/pipeline",
    ],
    packages: true,
  },
  "src/stages": {
    folders: [
      "src/pipeline",
      "src/datasets",
      "src/imaging",
      "src/fewshot",
      "src/dfdt",
      "src/nn",
      "src/tensor",
      "src/gpu",
      "src/training",
      "src/inference",
      "src/weights",
      "src/report",
    ],
    packages: true,
  },
  "experiments": { folders: ["src/stages", "src/datasets", "src/pipeline"], packages: true },
  "src/cli": EVERYTHING,
  "src/testing": { folders: ["src/gpu", "src/tensor", "src/weights", "src/parity"], packages: true },
  "tests": EVERYTHING,
  "bench": EVERYTHING,
};

/** Folders whose results may depend on nothing but their inputs. */
const NUMERIC = ["src/gpu", "src/tensor", "kernels", "src/nn", "src/dfdt", "src/fewshot", "src/imaging", "src/weights"];

const ROOT = fileURLToPath(new URL("..", import.meta.url));

async function files(folder: string, ending: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(join(ROOT, folder))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) found.push(...await files(path, ending));
      else if (entry.name.endsWith(ending)) found.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

function ruleOf(file: string): [string, Rule] | undefined {
  const folder =
    Object.keys(TABLE).filter((name) => file.startsWith(`${name}/`)).sort((a, b) => b.length - a.length)[0];
  return folder ? [folder, TABLE[folder]] : undefined;
}

const sources = (await Promise.all(["src", "kernels", "experiments", "tests", "bench"].map((f) => files(f, ".ts"))))
  .flat();

Deno.test("every import is allowed by the table of docs/architecture.md", async () => {
  const problems: string[] = [];
  for (const file of sources) {
    const found = ruleOf(file);
    if (!found) continue;
    const [folder, rule] = found;
    const isTest = file.endsWith("_test.ts");
    const text = await Deno.readTextFile(join(ROOT, file));
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (!target.startsWith(".")) {
        if (!rule.packages && !isTest && file !== "kernels/convolution/generate.ts") {
          problems.push(`${file}: "${target}"`);
        }
        continue;
      }
      const path = relative(ROOT, join(ROOT, dirname(file), target));
      const own = path.startsWith(`${folder}/`);
      const listed = rule.folders.some((name) => path.startsWith(`${name}/`));
      const testing = isTest && path.startsWith("src/testing/");
      const tested = isTest && path.startsWith("src/gpu/");
      if (!own && !listed && !testing && !tested && !ALWAYS.includes(path)) problems.push(`${file}: "${path}"`);
      if (path.endsWith(".wgsl") && dirname(path) !== dirname(file)) {
        problems.push(`${file}: a kernel of another folder`);
      }
    }
  }
  assert.deepEqual(problems, []);
});

Deno.test("every operator folder has its test and stands in kernels/mod.ts", async () => {
  const exported = await Deno.readTextFile(join(ROOT, "kernels/mod.ts"));
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, "kernels"))) {
    if (!isDirectory) continue;
    assert.ok(sources.includes(`kernels/${name}/${name}_test.ts`), `kernels/${name} has no ${name}_test.ts`);
    assert.ok(exported.includes(`"./${name}/${name}.ts"`), `kernels/mod.ts does not export ${name}`);
  }
});

Deno.test("numeric folders use neither Math.random nor a clock", async () => {
  for (const file of sources) {
    if (file.endsWith("_test.ts") || !NUMERIC.some((folder) => file.startsWith(`${folder}/`))) continue;
    const text = await Deno.readTextFile(join(ROOT, file));
    assert.doesNotMatch(text, /Math\.random|Date\.now|performance\.now|new Date\b/, file);
    if (!file.startsWith("src/imaging/io/") && !file.endsWith("generate.ts")) {
      assert.doesNotMatch(text, /\bDeno\./, `${file} must run in a browser page too`);
    }
  }
});
