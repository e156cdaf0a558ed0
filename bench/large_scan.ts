/**
 * A large scan in the browser page, in Debian's Chromium, where SwiftShader computes: the time to its first picture, how long the
 * page stands still, and the memory that its processes take. `deno run -A bench/large_scan.ts [SIDE] [SLICES]`, 512 and 200 unless
 * given.
 */
import { loadavg } from "node:os";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { writeNifti } from "../src/imaging/files/nifti_file.ts";
import type { Volume } from "../src/imaging/volume.ts";
import { buildPage } from "../src/page/build/build_page.ts";
import { phantomCase } from "../src/phantom/scan.ts";
import { TestBrowser } from "../src/testing/browser.ts";

const side = Number(Deno.args[0] ?? 512), slices = Number(Deno.args[1] ?? 200);
const MIB = 2 ** 20;

/** A phantom of a few slices, each repeated, so that it is made in seconds; in HU, as 16-bit integers. */
function largeScan(): Volume {
  const { image } = phantomCase(2, { cases: 11, size: 192, slices: 24, seed: 2023 });
  const [nx, ny, nz] = image.size, scale = nx / side;
  const data = new Int16Array(side * side * slices);
  for (let z = 0, i = 0; z < slices; z++) {
    const from = Math.floor(z * nz / slices) * nx * ny;
    for (let y = 0; y < side; y++) {
      const row = from + Math.floor(y * scale) * nx;
      for (let x = 0; x < side; x++, i++) data[i] = image.data[row + Math.floor(x * scale)] + (i * 7919) % 5; // not too regular to pack
    }
  }
  const spacing: Volume["spacing"] = [
    image.spacing[0] * scale,
    image.spacing[1] * scale,
    image.spacing[2] * nz / slices,
  ];
  const affine = image.affine.map((value, i) => i % 4 === 3 ? value : value * spacing[i % 4] / image.spacing[i % 4]);
  return { data, size: [side, side, slices], spacing, affine };
}

/** How long the page stood still at most since the last look, in seconds: its clock ticks every 20 ms. */
async function stoodStill(page: Page): Promise<number> {
  return await page.evaluate(`(() => {
    const most = globalThis.longest ?? 0;
    if (globalThis.longest === undefined) {
      let before = performance.now();
      setInterval(() => {
        const now = performance.now();
        globalThis.longest = Math.max(globalThis.longest, now - before);
        before = now;
      }, 20);
    }
    globalThis.longest = 0;
    return most / 1000;
  })()`);
}

const dir = await Deno.makeTempDir();
try {
  const file = `${dir}/dfdt.html`, scan = `${dir}/large.nii.gz`;
  await writeNifti(scan, largeScan());
  const { html } = await buildPage({ model: "models/phantom/phantom.safetensors" });
  await Deno.writeTextFile(file, html);
  console.log(`${side} × ${side} × ${slices} voxels, ${((await Deno.stat(scan)).size / MIB).toFixed(0)} MiB packed`);
  await using browser = await TestBrowser.open();
  await using visit = await browser.visit(pathToFileURL(file).href);
  const { page } = visit;
  page.setDefaultTimeout(1_800_000);
  const control = await page.context().browser()!.newBrowserCDPSession();
  /** Most memory that any renderer, and the process of the GPU, had so far, in MiB. */
  const peaks = async () => {
    const { processInfo } = await control.send("SystemInfo.getProcessInfo");
    const peakOf = (id: number) =>
      Number(/VmHWM:\s*(\d+)/.exec(Deno.readTextFileSync(`/proc/${id}/status`))?.[1]) / 1024;
    const most = (type: string) =>
      Math.max(...processInfo.filter((one) => one.type === type).map(({ id }) => peakOf(id)));
    return `${most("renderer").toFixed(0)} MiB in the page, ${most("GPU").toFixed(0)} MiB where SwiftShader computes`;
  };
  await page.locator("button.primary:enabled").waitFor();
  const timed = async (what: string, body: () => Promise<unknown>) => {
    await stoodStill(page);
    const began = performance.now();
    await body();
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${what}: ${seconds.toFixed(1)} s, stood still for ${
        (await stoodStill(page)).toFixed(2)
      } s at most; ${await peaks()}`,
    );
  };
  await timed("first picture of the scan", async () => {
    await page.getByLabel("Choose files").setInputFiles(scan);
    await page.locator(".main canvas").waitFor();
    await page.locator(".busy").waitFor({ state: "detached" });
  });
  const box = (await page.locator(".main canvas").boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await timed("a stroke of the brush", async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 20, { steps: 10 });
    await page.mouse.up();
    await page.getByText("Painted so far").waitFor();
    await page.waitForTimeout(3000); // it is kept
  });
  await page.getByText("More choices").click();
  await page.getByLabel("First slice").fill("100");
  await page.getByLabel("Last slice").fill("103");
  await timed("segmentation of 4 slices", async () => {
    await page.getByRole("button", { name: "Segment", exact: true }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
  });
  await timed("the mask as a file", async () => {
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save mask (NIfTI)" }).click();
    await saved;
  });
  console.log(/\d+ slices? in .*/.exec(await page.locator(".panel").innerText())?.[0]);
  const told = await page.locator(".notice").allInnerTexts();
  if (told.length > 0) console.log(`the page said: ${told.join(" | ")}`);
  if (visit.errors.length > 0) console.log(visit.errors.join("\n"));
  console.log(`load of the machine: ${loadavg().map((value) => value.toFixed(1)).join(", ")}`);
} finally {
  await Deno.remove(dir, { recursive: true });
}
