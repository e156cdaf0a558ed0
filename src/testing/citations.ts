/** What a page of `docs/` can be cited by. */
export interface CitedPage {
  /** Titles of its sections, and their numbers where they have some; of paragraphs that begin in bold, that beginning. */
  readonly sections: ReadonlySet<string>;
  /** The numbers of the list items in each of these. */
  readonly steps: ReadonlyMap<string, ReadonlySet<number>>;
}

/** A page that a text cites: `docs/architecture.md, "How comments cite"` says how. */
export interface Citation {
  /** Path of the page from the project's root. */
  page: string;
  /** Numbers or titles of the sections. */
  sections: string[];
  /** Steps of the last of them. */
  steps: number[];
}

const NUMBER = String.raw`\d+(?:\.\d+)*`;

const SECTION = new RegExp(`^(?:, | and | to )(?:(${NUMBER})(?![\\w.]*\\w)|"([^"]+)")`);

const STEPS = /^, steps? (\d+(?:(?: and | to )\d+)*)/;

/** Words that named a page before there was a form for it. */
const LOOSE = /\b(?:network|preprocessing) reference\b|\(contract\b/g;

/** Everything of `docs/` that a text cites, also across the lines of a comment. */
export function citationsIn(text: string): Citation[] {
  const flowing = flow(text);
  return [...flowing.matchAll(/\bdocs\/[\w/-]+\.md`?/g)].map((match) => {
    const citation: Citation = { page: match[0].replace("`", ""), sections: [], steps: [] };
    let rest = flowing.slice(match.index + match[0].length);
    for (;;) {
      const found = SECTION.exec(rest);
      // what follows a comma comes first, "and" and "to" only continue it
      if (!found || citation.sections.length === 0 && !found[0].startsWith(", ")) break;
      if (citation.sections.length > 0 && found[0].startsWith(", ")) break;
      citation.sections.push(found[1] ?? found[2]);
      rest = rest.slice(found[0].length);
    }
    const steps = STEPS.exec(rest);
    if (citation.sections.length > 0 && steps) citation.steps = steps[1].match(/\d+/g)!.map(Number);
    return citation;
  });
}

/** A text without line breaks and what comments begin their lines with. */
function flow(text: string): string {
  return text.replace(/\s*\n\s*(?:\*(?!\/)|\/\/)?\s*/g, " ");
}

/** The sections of a page in Markdown. */
export function citedPage(markdown: string): CitedPage {
  const sections = new Set<string>();
  const steps = new Map<string, Set<number>>();
  let here: string[] = [];
  const text = markdown.replace(/^```[^]*?^```$/gm, "");
  for (const [, heading, bold, item] of text.matchAll(/^#+ (.+)$|^\*\*([^]+?)\*\*|^(\d+)\. /gm)) {
    if (item !== undefined) {
      for (const section of here) steps.get(section)!.add(Number(item));
      continue;
    }
    const title = (heading ?? bold).replace(/\s+/g, " ").replace(/\.$/, "");
    const numbered = new RegExp(`^(${NUMBER})\\.? (.+)$`).exec(title);
    here = numbered ? [numbered[1], numbered[2]] : [title];
    for (const section of here) {
      sections.add(section);
      steps.set(section, new Set());
    }
  }
  return { sections, steps };
}

/**
 * What a file cites that is not there, a line each.
 *
 * @param path of the file, from the project's root
 * @param text its text
 * @param pages all pages of `docs/` by path
 */
export function citationProblems(path: string, text: string, pages: ReadonlyMap<string, CitedPage>): string[] {
  const problems: string[] = [];
  const isPage = path.endsWith(".md");
  for (const { page, sections, steps } of citationsIn(text)) {
    const known = pages.get(page);
    if (!known) {
      problems.push(`${path}: cites ${page}: expected a page, found none`);
      continue;
    }
    if (!isPage && page.startsWith("docs/reference/") && sections.length === 0) {
      problems.push(`${path}: cites ${page}: expected a section, as in "${page}, 1"`);
    }
    for (const section of sections) {
      if (!known.sections.has(section)) {
        problems.push(`${path}: cites ${page}, ${section}: expected it, found no such section`);
      }
    }
    const last = known.steps.get(sections.at(-1) ?? "");
    for (const step of steps) {
      if (last && !last.has(step)) {
        problems.push(`${path}: cites ${page}, ${sections.at(-1)}, step ${step}: found no such step`);
      }
    }
  }
  if (isPage) return problems;
  const loose = [...flow(text).matchAll(LOOSE)].map(([found]) => `${path}: "${found}": expected docs/PAGE.md, SECTION`);
  return [...problems, ...loose];
}
