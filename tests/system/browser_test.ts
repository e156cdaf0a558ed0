import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { TestBrowser } from "../../src/testing/browser.ts";
import { needs } from "../../src/testing/needs.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";

/** A page from the disk with one fault of every kind that the tests of our pages assert the absence of. */
const FAULTY = `<!doctype html><html lang="en"><title>faulty</title>
  <main><h1>x</h1><img src="https://example.invalid/a.png"><p style="color:#ccc;background:#fff">pale</p></main>
  <script>console.error("said"); setTimeout(() => { throw new Error("thrown"); });</script></html>`;

const FAULTLESS = `<!doctype html><html lang="en"><title>faultless</title><main><h1>x</h1>
  <img alt="a dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main></html>`;

needs("chromium").test(
  "TestBrowser sees requests, errors and what is hard to read, and none where there is none",
  () =>
    inFolder(async (dir) => {
      await using browser = await TestBrowser.open();
      const open = async (name: string, text: string) => {
        await Deno.writeTextFile(`${dir}/${name}`, text);
        return await browser.visit(pathToFileURL(`${dir}/${name}`).href, { dark: true });
      };
      await using bad = await open("faulty.html", FAULTY);
      const faults = (await bad.accessibilityFaults()).map((line) => line.split(":")[0]);
      assert.deepEqual(faults.sort(), ["color-contrast", "image-alt"]);
      assert.deepEqual(bad.requests, ["https://example.invalid/a.png"]);
      assert.ok(bad.errors.includes("error: said") && bad.errors.includes("uncaught: thrown"), bad.errors.join());
      await using good = await open("faultless.html", FAULTLESS);
      assert.deepEqual([await good.accessibilityFaults(), good.requests, good.errors], [[], [], []]);
      assert.ok(await good.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"));
      assert.ok(await good.page.evaluate("!!document.createElement('canvas').getContext('webgl2')"));
    }),
);
