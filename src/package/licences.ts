import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a package says of itself. */
interface PackageFacts {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

/**
 * Names, versions and licences of packages and of whatever they depend on, as they lie in `node_modules`, with the texts.
 *
 * @param root the project's folder
 * @param names the packages
 */
export async function thirdPartyLicences(root: string, names: readonly string[]): Promise<string> {
  const store = join(root, "node_modules", ".deno");
  const folders = (await readdir(store)).filter((name) => !name.startsWith(".") && name !== "node_modules");
  const found = new Map<string, string>();
  const visit = async (name: string, at: string): Promise<void> => {
    const folder = [join(at, name), join(store, "node_modules", name)];
    for (const path of folder) {
      const text = await readFile(join(path, "package.json"), "utf8").catch(() => undefined);
      if (text === undefined) continue;
      const facts = JSON.parse(text) as PackageFacts;
      const key = `${facts.name} ${facts.version}`;
      if (found.has(key)) return;
      found.set(key, `## ${key}\n\nLicence: ${facts.license ?? "see its text"}\n\n${await licenceText(path)}`);
      const own = folders.find((one) => one === `${facts.name.replaceAll("/", "+")}@${facts.version}`);
      const beside = own ? join(store, own, "node_modules") : join(root, "node_modules");
      for (const dependency of Object.keys(facts.dependencies ?? {})) await visit(dependency, beside);
      return;
    }
  };
  for (const name of names) await visit(name, join(root, "node_modules"));
  const sections = [...found].sort(([a], [b]) => a < b ? -1 : 1).map(([, text]) => text);
  return `# Licences of what this package depends on or holds copies of\n\n${sections.join("\n")}`;
}

async function licenceText(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
  const text = texts.join("\n").trim();
  return text === "" ? "" : `\`\`\`text\n${text}\n\`\`\`\n`;
}
