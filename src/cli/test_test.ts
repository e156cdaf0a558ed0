import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { countTests, summaryLine } from "./test.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Runs `deno task test` on a folder of its own with one test file. */
async function runTests(source: string | undefined, env: Record<string, string> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    if (source !== undefined) await Deno.writeTextFile(join(folder, "some_test.ts"), source);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", MAIN, "test", folder],
      env: { NO_COLOR: "", CI: "", ...env },
    }).output();
    return { code, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("countTests() reads the summary with colours, steps, failures and ignored tests", () => {
  const summary = "\x1b[0m\x1b[31mFAILED\x1b[0m | 12 passed (3 steps) | 2 failed (1 step) | 4 ignored | 5 filtered out";
  assert.deepEqual(countTests(`a ... ok\n\n${summary} \x1b[38;5;245m(90ms)\x1b[0m\n\nerror: x`, 1), {
    passed: 12,
    failed: 2,
    skipped: 4,
  });
});

Deno.test("countTests() takes the last summary and counts a run that failed outside of any test", () => {
  const output = "ok | 1 passed | 1 failed (1ms)\n\nok | 3 passed | 0 failed (2ms)\n";
  assert.deepEqual(countTests(output, 0), { passed: 3, failed: 0, skipped: 0 });
  assert.deepEqual(countTests(output, 1), { passed: 3, failed: 1, skipped: 0 });
  assert.deepEqual(countTests("error: Type checking failed", 1), { passed: 0, failed: 1, skipped: 0 });
});

Deno.test("summaryLine() names skipped tests only where there are some", () => {
  assert.equal(summaryLine({ passed: 2, failed: 0, skipped: 0 }), "2 passed, 0 failed");
  assert.equal(summaryLine({ passed: 2, failed: 1, skipped: 3 }), "2 passed, 1 failed, 3 skipped");
});

Deno.test("command() ends with the counts: exit 0 if all passed, 1 if one failed or none ran", async () => {
  const passing = await runTests(`Deno.test("a", () => {});`);
  assert.deepEqual([passing.code, passing.lines.at(-1)], [0, "1 passed, 0 failed"]);
  const failing = await runTests(`Deno.test("a", () => {}); Deno.test("b", () => { throw new Error("no"); });`);
  assert.deepEqual([failing.code, failing.lines.at(-1)], [1, "1 passed, 1 failed"]);
  const broken = await runTests(`throw new Error("no");`);
  assert.deepEqual([broken.code, broken.lines.at(-1)], [1, "0 passed, 1 failed"]);
  const empty = await runTests("export {};");
  assert.deepEqual([empty.code, empty.lines.at(-1)], [1, "0 passed, 0 failed"]);
});

Deno.test("command() refuses --system beside a path", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", MAIN, "test", "--system", "src"],
    stdout: "null",
  }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /Cannot use --system with "src": expected either, found both/);
});

Deno.test("needs() skips a test aloud where its package is missing; with CI it fails", async () => {
  const needsModule = new URL("../testing/needs.ts", import.meta.url);
  const source = `import { needs } from "${needsModule}";
    Deno.test("a", () => {});
    needs("no-such-package").test("b", () => {});`;
  const skipped = await runTests(source);
  assert.deepEqual([skipped.code, skipped.lines.at(-1)], [0, "1 passed, 0 failed, 1 skipped"]);
  assert.ok(skipped.lines.some((line) => line.includes("skipped: needs no-such-package")));
  const required = await runTests(source, { CI: "true" });
  assert.deepEqual([required.code, required.lines.at(-1)], [1, "1 passed, 1 failed"]);
});
