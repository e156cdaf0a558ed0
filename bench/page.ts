/**
 * The browser page in Debian's Chromium, where SwiftShader computes: its size, the time to its first picture, and seconds a slice
 * of the model in it. `deno run -A bench/page.ts [MODEL]`.
 */
import { loadavg } from "node:os";
import { pathToFileURL } from "node:url";
import { buildPage } from "../src/page/build/build_page.ts";
import { TestBrowser } from "../src/testing/browser.ts";

const model = Deno.args[0] ?? "models/phantom/phantom.safetensors";
const dir = await Deno.makeTempDir();
try {
  const file = `${dir}/dfdt.html`;
  for (const [name, options] of [["without a model", {}], ["with a model", { model }]] as const) {
    const { html } = await buildPage(options);
    await Deno.writeTextFile(file, html);
    console.log(`page ${name}: ${(new TextEncoder().encode(html).length / 1e6).toFixed(2)} MB`);
  }
  await using browser = await TestBrowser.open();
  const address = pathToFileURL(file).href;
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    await using visit = await browser.visit("about:blank");
    const began = performance.now();
    await visit.page.goto(address, { waitUntil: "commit" });
    await visit.page.locator("h2").first().waitFor();
    times.push(performance.now() - began);
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  console.log(`first picture: ${(median(times) / 1000).toFixed(2)} s (median of ${times.length})`);
  await using visit = await browser.visit(address);
  const { page } = visit;
  page.setDefaultTimeout(600_000);
  await page.locator("button.primary:enabled").click();
  await page.getByRole("button", { name: "phantom-2" }).first().click();
  await page.getByText("More choices").click();
  await page.getByLabel("First slice").fill("9");
  await page.getByLabel("Last slice").fill("16");
  const control = await page.context().browser()!.newBrowserCDPSession();
  // of all processes: the page is one, and SwiftShader computes in another
  const processorSeconds = async () => {
    const { processInfo } = await control.send("SystemInfo.getProcessInfo");
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  for (const about of ["with compilation", "once more"]) {
    const began = performance.now(), before = await processorSeconds();
    await page.getByRole("button", { name: "Only “phantom-2”" }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
    const clock = (performance.now() - began) / 1000, processor = await processorSeconds() - before;
    const slices = Number(/(\d+) slices? in/.exec(await page.locator(".panel").innerText())![1]);
    console.log(
      `segmentation of ${slices} slices, ${about}: ${(processor / slices).toFixed(2)} s of processor time a slice, ` +
        `${(clock / slices).toFixed(2)} s on the clock`,
    );
  }
  console.log(`load of the machine: ${loadavg().map((value) => value.toFixed(1)).join(", ")}`);
} finally {
  await Deno.remove(dir, { recursive: true });
}
