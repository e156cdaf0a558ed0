import assert from "node:assert/strict";
import { citationProblems, citationsIn, citedPage } from "./citations.ts";

const PAGE = `# A page

## 2. Forward

### 2.10 The sampler

1. Draw.
2. Draw
   again.

## The \`volume\` protocol

**One graph for all
folds.** Text.

\`\`\`
# no heading
\`\`\`
`;

const PAGES = new Map([["docs/a.md", citedPage(PAGE)], ["docs/reference/b.md", citedPage(PAGE)]]);

Deno.test("citationsIn() reads sections, ranges and steps, across the lines of a comment", () => {
  const text = `
/**
 * Draws (docs/reference/b.md, 2.10,
 * steps 1 and 2), see docs/a.md, "The \`volume\`
 * protocol".
 */
// docs/reference/b.md, 2 to 2.10; \`docs/a.md\`, "One graph for all folds"
const title = 'as docs/a.md, 2 says'; // 2, and docs/a.md alone, 2024 times`;
  assert.deepEqual(citationsIn(text), [
    { page: "docs/reference/b.md", sections: ["2.10"], steps: [1, 2] },
    { page: "docs/a.md", sections: ["The `volume` protocol"], steps: [] },
    { page: "docs/reference/b.md", sections: ["2", "2.10"], steps: [] },
    { page: "docs/a.md", sections: ["One graph for all folds"], steps: [] },
    { page: "docs/a.md", sections: ["2"], steps: [] },
    { page: "docs/a.md", sections: [], steps: [] },
  ]);
  assert.deepEqual(citationsIn(text).flatMap(() => citationProblems("src/x.ts", text, PAGES)), []);
});

Deno.test("citationProblems() names an unknown page, section and step, and a reference without a section", () => {
  const problems = (text: string) => citationProblems("src/x.ts", text, PAGES);
  for (
    const [text, problem] of [
      ["// docs/c.md", /docs\/c\.md: expected a page/],
      ["// docs/reference/b.md, 2.1", /b\.md, 2\.1: expected it/],
      ["// docs/reference/b.md, 2 to 3", /b\.md, 3: expected it/],
      ['// (docs/a.md, "The `volume`\n// protocols")', /The `volume` protocols: expected it/],
      ['// docs/a.md, "no heading"', /no heading: expected it/],
      ["// docs/reference/b.md, 2.10, steps 1 to 3", /2\.10, step 3: found no such step/],
      ["// (docs/reference/b.md)", /b\.md: expected a section/],
      ["// (network\n// reference, 2.10)", /"network reference": expected docs\/PAGE\.md/],
      ["// (contract, artifacts)", /"\(contract": expected docs\/PAGE\.md/],
    ] as const
  ) {
    const found = problems(text);
    assert.equal(found.length, 1, text);
    assert.match(found[0], problem);
  }
  assert.deepEqual(citationProblems("README.md", "See `docs/reference/b.md`.", PAGES), []);
});
