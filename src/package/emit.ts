import ts from "typescript";
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** A file that goes into the package, by its path there. */
export type EmittedFiles = Map<string, string>;

/** An import of text or of JSON, which package managers and Node do not know. */
const DATA_IMPORT = /(from\s+)"([^"]+)"\s+with\s*\{\s*type:\s*"(text|json)"\s*\}/g;

/** The same at run time, of a file of a package. */
const LATE_DATA_IMPORT = /(import)\("((?:\.\.\/)+node_modules\/[^"]+)",[^)]*\)/g;

/** The command as it is typed in the project's folder; no part of a path. */
const COMMAND = /(?<![\w.])\.\/dfdt(?![\w./])/g;

/** The address of a neighbour, such as a worker. */
const NEIGHBOUR = /new URL\("(\.[^"]+)\.tsx?", import\.meta\.url\)/g;

/**
 * JavaScript and types of modules, file by file: a folder of modules stays one, so that every address that is relative to a
 * module stays true, and there is one of everything. Imports of text and JSON become modules. Whatever names the command names
 * it as it is called where a package manager has installed it.
 *
 * @param root the project's folder
 * @param modules paths of TypeScript modules below it
 * @param leftOut what stays out although a module imports it when it is asked for
 */
export async function emit(root: string, modules: readonly string[], leftOut: RegExp): Promise<EmittedFiles> {
  const files: EmittedFiles = new Map();
  const data = new Map<string, "text" | "json">();
  const program = ts.createProgram(modules.map((path) => join(root, path)), {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    jsx: ts.JsxEmit.ReactJSX,
    jsxImportSource: "preact",
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
    resolveJsonModule: true,
    declaration: true,
    skipLibCheck: true,
    noEmitOnError: false, // types are checked by `deno check`, which knows Deno's own
    rootDir: root,
    types: [],
  });
  program.emit(undefined, (path, text) => {
    const name = relative(root, path);
    if (name.startsWith("..") || name.endsWith(".json") || leftOut.test(name)) return;
    const withData = text.replace(DATA_IMPORT, (_, from, written, kind) => {
      const specifier = written.replace(/\.client\.js$/, ".client.ts"); // it is not the module that is meant
      data.set(dataFile(root, dirname(path), specifier), kind);
      return `${from}"${dataModule(root, dirname(path), specifier)}"`;
    });
    const withLateData = withData.replace(LATE_DATA_IMPORT, (_, keyword, specifier) => {
      data.set(dataFile(root, dirname(path), specifier), "text");
      return `${keyword}("${dataModule(root, dirname(path), specifier)}")`;
    });
    files.set(name, withLateData.replace(NEIGHBOUR, 'new URL("$1.js", import.meta.url)'));
  });
  for (const [path, kind] of data) {
    const text = await Deno.readTextFile(path);
    const name = inPackage(root, path);
    files.set(`${name}.js`, `export default ${kind === "text" ? JSON.stringify(text) : text.trim()};\n`);
    files.set(`${name}.d.ts`, `declare const data: ${kind === "text" ? "string" : "any"};\nexport default data;\n`);
  }
  for (const [name, text] of files) files.set(name, text.replace(COMMAND, "dfdt"));
  return files;
}

/** The file that an import of data names; that of a package is looked for in `node_modules`. */
function dataFile(root: string, folder: string, specifier: string): string {
  const path = specifier.startsWith(".") ? resolve(folder, specifier) : join(root, "node_modules", specifier);
  if (!existsSync(path)) throw new Error(`Cannot find "${specifier}", which a module in ${folder} imports as data`);
  return path;
}

/** Its place in the package: files of packages are copied. */
function inPackage(root: string, path: string): string {
  const name = relative(root, path);
  return name.startsWith("node_modules") ? join("vendor", name.slice("node_modules/".length)) : name;
}

function dataModule(root: string, folder: string, specifier: string): string {
  const module = join(root, inPackage(root, dataFile(root, folder, specifier)));
  const path = relative(folder, module);
  return `${path.startsWith(".") ? path : `./${path}`}.js`;
}
