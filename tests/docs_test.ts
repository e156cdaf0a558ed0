import assert from "node:assert/strict";
import { presetConfiguration } from "../experiments/common/presets.ts";
import { TASKS } from "../src/cli/main.ts";
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

const COMMAND_LINE = Deno.readTextFileSync("docs/command-line.md");

/** The text below a heading, up to the next one of its level. */
function section(page: string, heading: string): string {
  const level = heading.indexOf(" ");
  const start = page.indexOf(`\n${heading}\n`);
  assert.ok(start >= 0, `expected "${heading}" in docs/command-line.md`);
  const rest = page.slice(start + heading.length + 2);
  return rest.slice(0, rest.search(new RegExp(`^#{1,${level}} `, "m")) >>> 0);
}

/** The cells of the rows of a page's tables, without their heads. */
function rows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.filter((_, i) => !/^\| -/.test(lines[i]) && !/^\| -/.test(lines[i + 1] ?? ""))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|")));
}

/** The first words in code of the rows of a section. */
function names(text: string): string[] {
  return rows(text).flatMap(([cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code));
}

Deno.test("docs/command-line.md lists the tasks of the program, and its options with their choices", async () => {
  const tasks = names(section(COMMAND_LINE, "## Tasks")).map((name) => name.split(" ")[0]);
  const { tasks: known } = JSON.parse(await Deno.readTextFile("deno.json"));
  assert.deepEqual(tasks.toSorted(), Object.keys(known).sort());
  for (const task of tasks) {
    const { options } = await (await TASKS[task].load()).command([], TASKS);
    const expected = options.map(({ long, required, argChoices }) => {
      return `${long}${argChoices ? ` ${argChoices.join("|")}` : required ? " VALUE" : ""}`;
    });
    const listed = names(section(COMMAND_LINE, `### \`${task}\``))
      .map((name) => name.replace(/ (?=.*[A-Z])(?!.*\|).*$/, " VALUE").replace(/N\|all$/, "VALUE"));
    assert.deepEqual(listed.sort(), expected.sort(), task);
  }
});

Deno.test("docs/command-line.md has the values of the presets", () => {
  const found = rows(section(COMMAND_LINE, "## Presets"));
  let compared = 0;
  for (const [about, ...cells] of found) {
    const [, group, key] = /^`(\w+)\.(\w+)`/.exec(about) ?? [];
    for (const [i, preset] of (["paper", "laptop", "tiny"] as const).entries()) {
      const numbers = cells[i].match(/^[\d., e−-]+$/) && cells[i].replace("−", "-").split(", ").map(Number);
      if (!group || !numbers) continue;
      const configuration = presetConfiguration(preset, { even: about.includes("cmr") }) as unknown as Record<
        string,
        Record<string, unknown>
      >;
      const pairs = about.includes("`, `") ? about.match(/\w+`/g)!.map((name) => name.slice(0, -1)) : [key];
      const values = pairs.flatMap((name) => configuration[group][name] as number | number[]);
      assert.deepEqual(numbers, values, `${about}, ${preset}`);
      compared++;
    }
  }
  assert.ok(compared > 30, `${compared} values`);
});
