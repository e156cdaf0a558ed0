import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { bundled } from "../../src/page/build/bundle.ts";
import { TestBrowser, type Visit } from "../../src/testing/browser.ts";
import { needs } from "../../src/testing/needs.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";

const ROOT = new URL("../../", import.meta.url);

/** What a test came to. */
interface Outcome {
  title: string;
  error?: string;
  seconds: number;
}

/** Longest that all tests may take, and how often they are looked at, in ms. */
const MOST = 600_000, PAUSE = 2000;

/** What the tests of a page came to; an error outside of them ends the wait. */
async function outcomesOf({ page, errors }: Visit): Promise<Outcome[]> {
  for (const began = Date.now(); Date.now() - began < MOST;) {
    if (await page.evaluate("globalThis.finished === true")) break;
    assert.deepEqual(errors, []);
    await page.waitForTimeout(PAUSE);
  }
  const outcomes = await page.evaluate("globalThis.outcomes") as Outcome[];
  assert.ok(
    await page.evaluate("globalThis.finished === true"),
    `after ${MOST / 1000} s ${outcomes.length} tests were done`,
  );
  return outcomes;
}

/** The tests of all operators as one module that runs in a browser, and tells `told` what each came to. */
async function testsOfOperators(dir: string): Promise<{ code: string; files: number }> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(new URL("kernels/", ROOT))) {
    const file = new URL(`kernels/${name}/${name}_test.ts`, ROOT);
    if (await Deno.stat(file).then(() => true, () => false)) files.push(file.href);
  }
  files.push(new URL("kernels/gpu_tiles_test.ts", ROOT).href);
  const entry = `${dir}/operators.ts`, before = `${dir}/before.ts`;
  // `Deno.test` only notes a test; they run one after the other once all are noted
  await Deno.writeTextFile(
    before,
    `import { browserAssert } from ${JSON.stringify(new URL("src/testing/browser_assert.ts", ROOT).href)};
    export const tests: [string, () => unknown][] = [];
    Object.assign(globalThis, { browserAssert, Deno: { test: (title: string, run: () => unknown) => tests.push([title, run]) } });`,
  );
  await Deno.writeTextFile(
    entry,
    `import { tests } from "./before.ts";
    ${files.sort().map((file) => `import ${JSON.stringify(file)};`).join("\n")}
    import { gpu, openDevice } from ${JSON.stringify(new URL("src/gpu/mod.ts", ROOT).href)};
    const global = globalThis as any;
    await openDevice();
    const { maxComputeInvocationsPerWorkgroup, maxStorageTexturesPerShaderStage } = gpu().device.limits;
    global.limits = { maxComputeInvocationsPerWorkgroup, maxStorageTexturesPerShaderStage };
    global.outcomes = [];
    for (const [title, run] of tests) {
      const began = performance.now();
      const error = await Promise.resolve().then(run).then(() => undefined, (error) => String(error?.message ?? error));
      global.outcomes.push({ title, error, seconds: (performance.now() - began) / 1000 });
    }
    global.finished = true;`,
  );
  const code = await bundled(pathToFileURL(entry), "esm");
  const replaced = code.replace(
    /import ([\w$]+) from\s*"node:assert\/strict";/g,
    // asked for when it is called: a bundle has its imports before the module that makes it
    "const $1 = new Proxy({}, { get: (_, name) => globalThis.browserAssert[name] });",
  );
  assert.ok(replaced !== code && !replaced.includes("node:"), "the tests import node:assert/strict and nothing else");
  return { code: replaced, files: files.length };
}

needs("chromium").test(
  "every operator passes its test in Chromium, with both kernel sets, at the limits of its adapter",
  () =>
    inFolder(async (dir) => {
      const { code, files } = await testsOfOperators(dir);
      await Deno.writeTextFile(
        `${dir}/operators.html`,
        `<!doctype html><title>operators</title><script type="module">${
          code.replaceAll("</script", "<\\/script")
        }</script>`,
      );
      await using browser = await TestBrowser.open();
      await using visit = await browser.visit(pathToFileURL(`${dir}/operators.html`).href);
      const outcomes = await outcomesOf(visit);
      const limits = await visit.page.evaluate("globalThis.limits") as Record<string, number>;
      const seconds = outcomes.reduce((sum, one) => sum + one.seconds, 0);
      console.log(
        `${outcomes.length} tests of ${files} operators in ${seconds.toFixed(0)} s, ${JSON.stringify(limits)}`,
      );
      assert.ok(files > 20 && outcomes.length > 60, `${outcomes.length} tests of ${files} operators`);
      assert.deepEqual(outcomes.filter(({ error }) => error !== undefined), []);
      assert.deepEqual([visit.requests, visit.errors], [[], []]);
      assert.equal(limits.maxComputeInvocationsPerWorkgroup, 256);
    }),
);
