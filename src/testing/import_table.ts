import { dirname, join } from "node:path/posix";

/** What the files of a folder may import, besides their own folder, `src/errors.ts` and `src/random.ts`. */
export interface ImportRule {
  /** Folders of the project; `src/imaging` does not include `src/imaging/io`. */
  readonly folders: readonly string[];
  /** npm packages. */
  readonly packages: readonly string[];
  /** Whether `node:` modules and the `Deno` namespace may be used; the other folders run unchanged in a browser page. */
  readonly system: boolean;
}

const LIBRARY = [
  ...["src/gpu", "src/tensor", "kernels", "src/nn", "src/dfdt", "src/fewshot", "src/weights", "src/training"],
  ...[
    "src/imaging",
    "src/imaging/io",
    "src/imaging/files",
    "src/phantom",
    "src/datasets",
    "src/inference",
    "src/model",
    "src/pipeline",
  ],
];

const EVERYTHING = [
  ...LIBRARY,
  ...[
    "src/dfdt_training",
    "src/segmentation",
    "src/report",
    "src/page",
    "src/page/build",
    "src/stages",
    "src/parity",
    "src/fuzz",
    "src/cli",
    "src/testing",
    "experiments",
  ],
];

const without = (folders: readonly string[], ...names: string[]) => folders.filter((name) => !names.includes(name));

/** Who may import whom: the table of `docs/architecture.md`, which a test compares with this one. */
export const IMPORT_TABLE: Readonly<Record<string, ImportRule>> = {
  "src/gpu": { folders: [], packages: [], system: false },
  "src/tensor": { folders: ["src/gpu"], packages: [], system: false },
  "kernels": { folders: ["src/tensor", "src/gpu"], packages: [], system: false },
  "src/nn": { folders: ["kernels", "src/tensor", "src/gpu", "src/weights"], packages: [], system: false },
  "src/dfdt": { folders: ["src/nn", "kernels", "src/tensor"], packages: [], system: false },
  "src/fewshot": { folders: ["kernels", "src/tensor"], packages: [], system: false },
  "src/weights": { folders: [], packages: ["fflate"], system: false },
  "src/training": {
    folders: ["src/nn", "kernels", "src/tensor", "src/gpu", "src/weights"],
    packages: [],
    system: true,
  },
  "src/imaging": { folders: [], packages: [], system: false },
  "src/imaging/io": {
    folders: ["src/imaging"],
    packages: ["nifti-reader-js", "fast-png", "fflate", "dicom-parser", "@noble/hashes"],
    system: false,
  },
  "src/imaging/files": { folders: ["src/imaging", "src/imaging/io"], packages: ["@niivue/dcm2niix"], system: true },
  "src/phantom": { folders: ["src/imaging"], packages: [], system: false },
  "src/datasets": {
    folders: ["src/phantom", "src/imaging", "src/imaging/io", "src/imaging/files"],
    packages: ["zod"],
    system: true,
  },
  "src/inference": {
    folders: ["src/dfdt", "src/nn", "src/tensor", "src/gpu", "src/fewshot", "src/imaging", "src/weights"],
    packages: [],
    system: false,
  },
  "src/model": {
    folders: [
      ...["src/dfdt", "src/nn", "src/tensor", "src/gpu", "src/fewshot", "src/imaging", "src/inference"],
      ...["src/weights"],
    ],
    packages: ["zod"],
    system: false,
  },
  "src/segmentation": {
    folders: [
      "src/imaging",
      "src/imaging/io",
      "src/imaging/files",
      "src/datasets",
      "src/inference",
      "src/model",
      "src/pipeline",
    ],
    packages: ["zod"],
    system: true,
  },
  "src/dfdt_training": {
    folders: [
      ...[
        "src/dfdt",
        "src/nn",
        "kernels",
        "src/tensor",
        "src/gpu",
        "src/fewshot",
        "src/imaging",
        "src/imaging/io",
        "src/imaging/files",
      ],
      ...["src/training", "src/weights", "src/model", "src/report"],
    ],
    packages: ["zod"],
    system: true,
  },
  "src/pipeline": { folders: [], packages: ["zod"], system: true },
  "src/report": {
    folders: [
      ...[
        "src/imaging",
        "src/imaging/io",
        "src/imaging/files",
        "src/datasets",
        "src/fewshot",
        "src/inference",
        "src/pipeline",
      ],
      "src/segmentation",
    ],
    packages: [
      ...["@observablehq/plot", "linkedom", "d3-contour", "d3-dsv", "preact", "preact-render-to-string"],
      ...["@niivue/niivue", "uplot", "zod"],
    ],
    system: true,
  },
  "src/page": {
    folders: ["src/gpu", "src/imaging", "src/imaging/io", "src/phantom", "src/model"],
    packages: ["preact", "fflate", "zod"],
    system: false,
  },
  "src/page/build": {
    folders: ["src/page", "src/model", "src/weights"],
    packages: ["@niivue/dcm2niix", "typescript"],
    system: true,
  },
  "src/package": { folders: [], packages: ["typescript"], system: true },
  "src/parity": { folders: LIBRARY, packages: [], system: true },
  "src/fuzz": {
    folders: [
      ...["src/imaging", "src/imaging/io", "src/imaging/files", "src/datasets", "src/fewshot", "src/weights"],
      ...["src/model", "src/training"],
      ...["src/pipeline", "src/segmentation", "src/report", "src/testing"],
    ],
    packages: [],
    system: true,
  },
  "src/stages": {
    // gpu: the stages that compute open the device.
    folders: [
      ...[
        "src/pipeline",
        "src/datasets",
        "src/imaging",
        "src/imaging/io",
        "src/imaging/files",
        "src/fewshot",
        "src/dfdt",
        "src/nn",
      ],
      ...["src/tensor", "src/gpu", "src/training", "src/inference", "src/weights", "src/report", "src/model"],
      ...["src/dfdt_training", "src/segmentation"],
    ],
    packages: ["zod"],
    system: true,
  },
  "experiments": {
    folders: [
      "src/phantom",
      "src/stages",
      "src/datasets",
      "src/fewshot",
      "src/imaging",
      "src/pipeline",
      "src/dfdt_training",
      "src/model",
      "src/dfdt",
    ],
    packages: ["zod"],
    system: false,
  },
  "src/cli": {
    folders: [...without(EVERYTHING, "src/testing"), "src/package", "bench"],
    packages: ["commander", "@commander-js/extra-typings", "string-width", "zod"],
    system: true,
  },
  "src/testing": {
    folders: [
      ...[
        "src/gpu",
        "src/tensor",
        "src/weights",
        "src/parity",
        "src/imaging",
        "src/imaging/io",
        "src/imaging/files",
        "src/inference",
      ],
      ...["src/pipeline", "src/report"],
    ],
    packages: ["playwright-core", "axe-core"],
    system: true,
  },
  "tests": { folders: [...EVERYTHING, "bench"], packages: ["*"], system: true },
  "bench": { folders: without(EVERYTHING, "src/cli"), packages: ["*"], system: true },
  "src/api": { folders: without(EVERYTHING, "src/testing", "src/fuzz", "src/cli"), packages: [], system: false },
  "mod.ts": { folders: ["src/api"], packages: [], system: false },
  "types.ts": { folders: without(EVERYTHING, "src/testing", "src/fuzz", "src/cli"), packages: [], system: false },
  "kernels.ts": {
    folders: [
      ...["src/gpu", "src/tensor", "kernels", "src/nn", "src/dfdt", "src/inference", "src/training", "src/weights"],
    ],
    packages: [],
    system: false,
  },
};

/** Folders whose results may depend on nothing but their inputs: no clock, no random numbers but `src/random.ts`. */
export const NUMERIC_FOLDERS: readonly string[] = [
  ...["src/gpu", "src/tensor", "kernels", "src/nn", "src/dfdt", "src/fewshot"],
  ...["src/imaging", "src/imaging/io", "src/imaging/files", "src/phantom", "src/weights", "src/inference", "src/model"],
];

/** Files of no folder, which all may import. */
const FOR_ALL = [
  ...["src/errors.ts", "src/random.ts", "src/episode.ts", "src/errors_test.ts", "src/random_test.ts", "deno.json"],
];

/** Files of no folder that ask the system, which all may import that may do so themselves. */
const FOR_SYSTEM = ["src/available_memory.ts", "src/disk.ts"];

/** What a `*_test.ts` may import besides: `src/gpu` to open the device, `src/imaging/files` to look at what was written. */
const FOR_TESTS: ImportRule = {
  folders: ["src/testing", "src/gpu", "src/imaging/files"],
  packages: ["fast-check"],
  system: true,
};

/** The row of {@link IMPORT_TABLE} that a file belongs to: the innermost folder that has one. */
export function folderOf(path: string): string | undefined {
  return Object.keys(IMPORT_TABLE)
    .filter((folder) => path === folder || path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** What a module imports, in the order of its text: static imports, re-exports, and imports by a literal name at run time. */
export function importedNames(source: string): string[] {
  const names: string[] = [];
  // Code starts its imports at the line's beginning; examples in comments do not.
  for (const [, name] of source.matchAll(/^(?:import|export)\b(?:[^;"]*?\bfrom)?\s*"([^"]+)"/gm)) names.push(name);
  for (const [line] of source.matchAll(/^(?!\s*(?:\*|\/\/)).*\bimport\(.*$/gm)) {
    for (const [, name] of line.matchAll(/\bimport\(\s*"([^"]+)"/g)) names.push(name);
  }
  return names;
}

/**
 * What a file does that the table forbids, a line each.
 *
 * @param path from the project's root, with `/`
 * @param source the file's text
 */
export function importProblems(path: string, source: string): string[] {
  const folder = folderOf(path);
  if (!folder) {
    return [...FOR_ALL, ...FOR_SYSTEM].includes(path) ? [] : [`${path}: its folder has no row in the import table`];
  }
  const rules = [IMPORT_TABLE[folder], ...(path.endsWith("_test.ts") ? [FOR_TESTS] : [])];
  const problems: string[] = [];
  const refuse = (what: string) => problems.push(`${path}: ${folder} may not ${what}`);
  for (const name of importedNames(source)) {
    if (name.startsWith("node:")) {
      if (!rules.some(({ system }) => system)) refuse(`import "${name}"`);
    } else if (!name.startsWith(".")) {
      const known = rules.some(({ packages }) => packages.includes("*") || packages.some((p) => isOf(p, name)));
      if (!known || /^(jsr|https?):/.test(name)) refuse(`import "${name}"`);
    } else {
      const target = join(dirname(path), name);
      const ofPackage = target.startsWith("node_modules/") ? target.slice("node_modules/".length) : undefined;
      if (ofPackage !== undefined) { // a file that the package does not export
        if (!rules.some(({ packages }) => packages.some((p) => isOf(p, ofPackage)))) refuse(`import "${ofPackage}"`);
        continue;
      }
      const targetFolder = folderOf(target);
      const allowed = targetFolder === folder || FOR_ALL.includes(target) ||
        FOR_SYSTEM.includes(target) && rules.some(({ system }) => system) ||
        targetFolder !== undefined && rules.some(({ folders }) => folders.includes(targetFolder));
      if (!allowed) refuse(`import "${target}"`);
      if (target.endsWith(".wgsl") && dirname(target) !== dirname(path)) {
        refuse(`import the kernel of another folder, "${target}"`);
      }
    }
  }
  const code = withoutComments(source);
  if (!rules.some(({ system }) => system) && /\bDeno\./.test(code)) refuse("use Deno");
  return problems;
}

/** What a file of a numeric folder takes from outside of its inputs: a clock, random numbers without a seed. */
export function nondeterminism(path: string, source: string): string[] {
  if (path.endsWith("_test.ts") || !NUMERIC_FOLDERS.includes(folderOf(path) ?? "")) return [];
  const pattern =
    /\bMath\.random\b|\bDate\.now\b|\bnew Date\b|\bperformance\.now\b|\bcrypto\.(?:getRandomValues|randomUUID)\b/g;
  return [...withoutComments(source).matchAll(pattern)].map(([found]) => `${path}: ${found}`);
}

/**
 * Circles of files that import each other, types included: each as the names of its files, the first once more at the end.
 *
 * @param sources text by path, from the project's root
 */
export function importCircles(sources: ReadonlyMap<string, string>): string[][] {
  const circles: string[][] = [], done = new Set<string>(), way: string[] = [];
  const visit = (path: string) => {
    const at = way.indexOf(path);
    if (at >= 0) return void circles.push([...way.slice(at), path]);
    const source = sources.get(path);
    if (source === undefined || done.has(path)) return;
    way.push(path);
    for (const name of importedNames(source)) if (name.startsWith(".")) visit(join(dirname(path), name));
    way.pop();
    done.add(path);
  };
  for (const path of sources.keys()) visit(path);
  return circles;
}

/** The table as it stands in `docs/architecture.md`. */
export function importTableMarkdown(): string {
  const names = (folders: readonly string[]) => folders.map((name) => name.replace("src/", "")).join(", ");
  const rows = Object.entries(IMPORT_TABLE).map(([folder, { folders, packages, system }]) => {
    const outside = [...packages.map((name) => name === "*" ? "any package" : name), ...(system ? ["system"] : [])];
    return `| ${names([folder])} | ${names(folders) || "-"} | ${outside.join(", ") || "-"} |`;
  });
  return ["| folder | may import | packages, system |", "| --- | --- | --- |", ...rows].join("\n");
}

function isOf(packageName: string, imported: string): boolean {
  return imported === packageName || imported.startsWith(`${packageName}/`);
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}
