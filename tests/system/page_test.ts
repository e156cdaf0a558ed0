import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { pathToFileURL } from "node:url";
import type { Locator, Page } from "playwright-core";
import { fileURLToPath } from "node:url";
import { readNifti, writeNifti } from "../../src/imaging/files/nifti_file.ts";
import { encodeSegmentation } from "../../src/imaging/io/dicom_seg.ts";
import { decodeNifti } from "../../src/imaging/io/nifti.ts";
import type { Volume } from "../../src/imaging/volume.ts";
import { loadModel } from "../../src/model/model.ts";
import { segmentVolume } from "../../src/model/segment_volume.ts";
import { buildPage } from "../../src/page/build/build_page.ts";
import { bundled } from "../../src/page/build/bundle.ts";
import { youngSyntax } from "../../src/page/build/lower_syntax.ts";
import { phantomCase } from "../../src/phantom/scan.ts";
import { TestBrowser, type Visit } from "../../src/testing/browser.ts";
import { needs } from "../../src/testing/needs.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";

const DICOM = fileURLToPath(new URL("../fixtures/dicom/jpeg-2000", import.meta.url));
const MODEL = fileURLToPath(new URL("../../models/phantom/phantom.safetensors", import.meta.url));

/** Patients of few slices, so that SwiftShader needs seconds. */
const COHORT = { cases: 11, size: 192, slices: 6, seed: 2023 };

/** The liver in the phantom, and a slice that shows it. */
const LIVER = 6, SLICE = 4;

/** Longest that a segmentation may take, in ms, on a machine that does other things, too. */
const PATIENCE = 300_000;

const tests = needs("chromium");

/** Opens a page that was built; `before` runs in its worker before the worker's own code. */
async function openPage(
  browser: TestBrowser,
  dir: string,
  { before = "", ...look }: { width?: number; dark?: boolean; before?: string } = {},
): Promise<Visit> {
  const file = `${dir}/dfdt.html`, { html } = await buildPage({ model: MODEL });
  const changed = html.replace(/(<script type="text\/plain" id="worker">)([^<]+)/, (_, tag, packed) => {
    const code = new TextDecoder().decode(gunzipSync(Uint8Array.fromBase64(packed)));
    return tag + new Uint8Array(gzipSync(before + code)).toBase64();
  });
  await Deno.writeTextFile(file, changed);
  const visit = await browser.visit(pathToFileURL(file).href, look);
  visit.page.setDefaultTimeout(120_000);
  return visit;
}

/** Drops files as a person does. */
async function drop(page: Page, files: readonly { name: string; path: string }[]): Promise<void> {
  const contents = await Promise.all(files.map(async ({ name, path }) => {
    return { name, base64: (await Deno.readFile(path)).toBase64() };
  }));
  const transfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of ${JSON.stringify(contents)}) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    }
    return transfer;
  })()`);
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

/** Paints strokes from voxel to voxel of the slice that is shown: an axial one of a phantom, whose rows lie as on the screen. */
async function paint(
  page: Page,
  { size, spacing }: Volume,
  ways: readonly (readonly [number, number])[][],
): Promise<void> {
  const box = (await mainCanvas(page).boundingBox())!;
  const scale = Math.min(box.width / (size[0] * spacing[0]), box.height / (size[1] * spacing[1]));
  const at = ([x, y]: readonly [number, number]) =>
    [
      box.x + (box.width - size[0] * spacing[0] * scale) / 2 + (x + 0.5) * spacing[0] * scale,
      box.y + (box.height - size[1] * spacing[1] * scale) / 2 + (y + 0.5) * spacing[1] * scale,
    ] as const;
  for (const [start, ...places] of ways) {
    await page.mouse.move(...at(start));
    await page.mouse.down();
    for (const place of places) await page.mouse.move(...at(place), { steps: 4 });
    await page.mouse.up();
  }
}

function mainCanvas(page: Page): Locator {
  return page.locator(".main canvas");
}

/** Strokes that fill a structure: a line through every few of its rows. */
function fillingStrokes({ data, size: [nx, ny] }: Volume, value: number, z: number): [number, number][][] {
  const ways: [number, number][][] = [];
  for (let y = 0; y < ny; y += 3) {
    const row = [...data.subarray((z * ny + y) * nx, (z * ny + y + 1) * nx)];
    const first = row.indexOf(value), last = row.lastIndexOf(value);
    if (first >= 0 && last - first > 8) ways.push([[first + 4, y], [last - 4, y]]);
  }
  return ways;
}

/** The file that a button saves. */
async function saved(page: Page, button: string): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await Deno.readFile(await download.path()) };
}

async function savedVolume(page: Page, button: string): Promise<Volume> {
  const { bytes, name } = await saved(page, button);
  return decodeNifti(new Uint8Array(gunzipSync(bytes)), name);
}

async function goTo(page: Page, slice: number): Promise<void> {
  await page.locator("#slice").fill(String(slice + 1));
  await page.getByText(`${slice + 1} of `).waitFor();
}

async function waitUntilDone(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached", timeout: PATIENCE });
}

tests.test(
  "the page: a person drops a scan, paints, segments a second one as Deno does, corrects, saves, reloads and forgets",
  () =>
    inFolder(async (dir) => {
      const [a, b] = [2, 0].map((number) => phantomCase(number, COHORT));
      await writeNifti(`${dir}/first.nii.gz`, a.image);
      await writeNifti(`${dir}/second.nii.gz`, b.image);
      await using browser = await TestBrowser.open();
      await using visit = await openPage(browser, dir);
      const { page } = visit;
      await page.getByRole("heading", { name: "Drop a scan here" }).waitFor();
      assert.deepEqual(await visit.accessibilityFaults(), []);
      await drop(page, [{ name: "first.nii.gz", path: `${dir}/first.nii.gz` }]);
      await mainCanvas(page).waitFor();
      assert.ok(await page.getByRole("button", { name: "Segment", exact: true }).isDisabled());
      await goTo(page, SLICE);
      await paint(page, a.image, fillingStrokes(a.label, LIVER, SLICE));
      await page.getByLabel("Examples").getByText(`slice ${SLICE + 1}`).waitFor();
      await page.getByLabel("Name of the structure").fill("liver");
      await page.getByRole("button", { name: "Mask", exact: true }).dispatchEvent("click"); // draws the page, twice
      await page.getByRole("button", { name: "Mask", exact: true }).dispatchEvent("click");
      assert.equal(await page.getByLabel("Name of the structure").inputValue(), "liver", "typed, and not done yet");
      await page.keyboard.press("Enter");
      const painted = await savedVolume(page, "Save mask (NIfTI)");
      const area = 192 * 192, voxels = painted.data.filter((value) => value === 1).length;
      assert.ok(voxels > 500 && painted.data.every((value, i) => value === 0 || Math.floor(i / area) === SLICE));

      // one stroke more, and undone
      await paint(page, a.image, [[[20, 96], [40, 96]]]);
      await page.keyboard.press("Control+z");
      assert.deepEqual((await savedVolume(page, "Save mask (NIfTI)")).data, painted.data);

      // a second scan, and its mask as Deno makes it
      await drop(page, [{ name: "second.nii.gz", path: `${dir}/second.nii.gz` }]);
      await page.getByRole("button", { name: "Only “second”" }).waitFor();
      await page.getByText("More choices").click();
      await page.getByLabel("Keep the probability").check();
      await page.getByRole("button", { name: "Only “second”" }).click();
      await waitUntilDone(page);
      assert.deepEqual(await visit.accessibilityFaults(), []);
      const mask = await savedVolume(page, "Save mask (NIfTI)"),
        probability = await savedVolume(page, "Save probability");
      const shot = { image: await readNifti(`${dir}/first.nii.gz`), label: painted };
      using model = await loadModel(await Deno.readFile(MODEL));
      let expected!: Volume["data"];
      const found = await segmentVolume(model, [shot], await readNifti(`${dir}/second.nii.gz`), {
        onProbability: (_, { data }) => void (expected = data),
      });
      let largest = 0;
      for (let i = 0; i < expected.length; i++) {
        largest = Math.max(largest, Math.abs(probability.data[i] - expected[i]));
      }
      const different = mask.data.filter((value, i) => value !== found.mask.data[i]).length;
      const inMask = found.classes[0].voxels;
      console.log(
        `probabilities within ${
          largest.toExponential(1)
        }, ${different} of ${mask.data.length} voxels differ, mask of ${inMask}`,
      );
      assert.ok(inMask > 1000, `${inMask} voxels in the mask`);
      assert.ok(largest <= 1e-4, `probabilities differ by ${largest}`);
      assert.ok(different <= 0.001 * mask.data.length, `${different} voxels differ`);
      assert.deepEqual([mask.size, mask.affine.map(Math.fround)], [b.image.size, b.image.affine.map(Math.fround)]);
      await page.getByText(`${found.classes[0].millilitres.toFixed(0)} ml`).waitFor();

      const { bytes: table } = await saved(page, "Save volumes (CSV)");
      assert.ok(
        new TextDecoder().decode(table).includes(`\nsecond,1,liver,${inMask},`),
        "the table has the mask's voxels",
      );

      // corrected on a slice, which becomes a further example and stays as it is
      await goTo(page, 2);
      await page.keyboard.press("e");
      await paint(page, b.image, [[[60, 90], [100, 90]]]);
      await page.keyboard.press("b");
      await paint(page, b.image, [[[60, 110], [90, 110]]]);
      await page.getByText("corrected by hand").waitFor();
      const corrected = await savedVolume(page, "Save mask (NIfTI)");
      assert.notDeepEqual(corrected.data, mask.data);
      await page.getByRole("button", { name: "Use slice 3 as a further example" }).click();
      await page.getByRole("button", { name: "Only “second”" }).click();
      await waitUntilDone(page);
      const again = await savedVolume(page, "Save mask (NIfTI)");
      assert.deepEqual(again.data.slice(2 * area, 3 * area), corrected.data.slice(2 * area, 3 * area));
      assert.notDeepEqual(again.data.slice(3 * area), corrected.data.slice(3 * area));

      // everything is there after a reload, and nothing once it is forgotten
      await page.waitForTimeout(1500);
      await page.reload();
      await page.getByRole("button", { name: "second" }).first().waitFor();
      await page.getByText("Check, correct, save").waitFor();
      assert.deepEqual((await savedVolume(page, "Save mask (NIfTI)")).data, again.data);
      assert.equal(await page.getByLabel("Examples").getByRole("listitem").count(), 2);
      assert.equal(await page.getByLabel("Name of the structure").inputValue(), "liver");
      page.once("dialog", (dialog) => dialog.accept());
      await page.getByRole("button", { name: "Forget everything" }).click();
      await page.getByText("nothing of it is left").waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Drop a scan here" }).waitFor();
      assert.deepEqual([visit.requests, visit.errors], [[], []]);
    }),
);

tests.test("the page: a compressed DICOM series is read, painted and saved as the DICOM segmentation that Deno makes", () =>
  inFolder(async (dir) => {
    await using browser = await TestBrowser.open();
    await using visit = await openPage(browser, dir, { dark: true });
    const { page } = visit;
    await page.getByLabel("Choose a DICOM folder").setInputFiles(DICOM);
    await mainCanvas(page).waitFor();
    const box = (await mainCanvas(page).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 20, box.y + box.height / 2 + 30);
    await page.mouse.up();
    await page.getByText("Painted so far").waitFor();
    const mask = await savedVolume(page, "Save mask (NIfTI)");
    const { name, bytes } = await saved(page, "Save DICOM SEG");
    const files: { name: string; bytes: Uint8Array }[] = [];
    for await (const { name } of Deno.readDir(DICOM)) {
      files.push({ name, bytes: await Deno.readFile(`${DICOM}/${name}`) });
    }
    using model = await loadModel(await Deno.readFile(MODEL));
    const segments = [{ value: 1, name: "structure 1" }];
    const expected = encodeSegmentation({ series: files, name: "series", mask, segments, model: model.sha256 });
    assert.equal(name, "jpeg-2000_mask.dcm");
    assert.ok(mask.data.some((value) => value === 1));
    assert.deepEqual(bytes, expected.bytes);
    // the window of the dark scheme, with a scan in it
    assert.deepEqual(await visit.accessibilityFaults(), []);
    assert.deepEqual([visit.requests, visit.errors], [[], []]);
  }));

tests.test("the page: a label file is an example, what is none is refused in words, a small screen only shows", () =>
  inFolder(async (dir) => {
    const { image, label } = phantomCase(2, { ...COHORT, size: 64 });
    await writeNifti(`${dir}/scan.nii.gz`, image);
    await writeNifti(`${dir}/liver.nii.gz`, {
      ...label,
      data: label.data.map((value) => value === LIVER ? 6 : 0) as Volume["data"],
    });
    await Deno.writeTextFile(`${dir}/notes.txt`, "no scan ".repeat(100));
    await using browser = await TestBrowser.open();
    await using visit = await openPage(browser, dir);
    const { page } = visit;
    await page.locator("button.primary:enabled").waitFor();
    await page.getByLabel("Choose files").setInputFiles(
      ["scan.nii.gz", "liver.nii.gz", "notes.txt"].map((name) => `${dir}/${name}`),
    );
    await page.getByText("is taken for the labels of “scan”").waitFor();
    assert.match(
      await page.getByRole("alert").innerText(),
      /Cannot read "notes.txt": expected a NIfTI-1 or NIfTI-2 file, found a text file/,
    );
    assert.equal(await page.getByLabel("Name of the structure").inputValue(), "LIVER");
    const slices = Array.from({ length: 6 }, (_, z) => label.data.subarray(z * 4096, (z + 1) * 4096).includes(LIVER));
    assert.equal(
      await page.getByLabel("Examples").getByRole("listitem").count(),
      slices.filter((shows) => shows).length,
    );
    assert.ok(await page.getByRole("button", { name: "Segment", exact: true }).isEnabled());
    assert.deepEqual(new Set((await savedVolume(page, "Save mask (NIfTI)")).data), new Set([0, LIVER]));
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByText("open this page on a larger screen").waitFor();
    assert.equal(
      await page.getByRole("toolbar").count() + await page.getByRole("button", { name: "Segment" }).count(),
      0,
    );
    assert.deepEqual(await visit.accessibilityFaults(), []);
    assert.ok(
      await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
      "nothing is wider than the screen",
    );
    assert.deepEqual([visit.requests, visit.errors], [[], []]);
  }));

tests.test("the page: without an adapter, and when the device is lost, it says so, keeps the paint and goes on", () =>
  inFolder(async (dir) => {
    const { image } = phantomCase(2, { ...COHORT, size: 64 });
    await writeNifti(`${dir}/scan.nii.gz`, image);
    {
      await using browser = await TestBrowser.open({ webgpu: false });
      await using visit = await openPage(browser, dir);
      const { page } = visit;
      await page.getByText("offers no graphics adapter").waitFor();
      await page.getByLabel("Choose files").setInputFiles(`${dir}/scan.nii.gz`);
      await mainCanvas(page).click();
      await page.getByText("Painted so far").waitFor();
      assert.ok(await page.getByRole("button", { name: "Segment", exact: true }).isDisabled());
    }
    await using browser = await TestBrowser.open();
    await using visit = await openPage(browser, dir);
    const { page } = visit;
    await page.locator("button.primary:enabled").waitFor();
    await page.getByLabel("Choose files").setInputFiles(`${dir}/scan.nii.gz`);
    await mainCanvas(page).click();
    await page.getByRole("button", { name: "Segment", exact: true }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    const control = await page.context().browser()!.newBrowserCDPSession();
    await control.send("Browser.crashGpuProcess"); // the process that computes
    await page.getByText("The graphics device was lost").waitFor();
    await page.getByRole("button", { name: "Start again" }).click();
    await page.getByRole("button", { name: "Segment", exact: true }).click();
    await page.getByText("Check, correct, save").waitFor({ timeout: PATIENCE });
    assert.equal(await page.getByLabel("Examples").getByRole("listitem").count(), 1);
    assert.deepEqual(visit.requests, []);
  }));

Deno.test("bundled() gives the page's scripts in the JavaScript of older browsers", async () => {
  for (const module of ["worker/worker.ts", "app/main.tsx"]) {
    const code = await bundled(new URL(`../../src/page/${module}`, import.meta.url));
    assert.deepEqual(youngSyntax(code), [], module);
    assert.match(code.slice(0, 200), /Symbol\.dispose\?\?=/, module);
  }
});

/** A machine with room for 40,000 voxels. */
const SMALL_MACHINE = `Object.defineProperty(navigator, "deviceMemory", { value: 40_000 * 32 / 2 ** 30 });`;

tests.test("the page: a scan that the machine has no memory for is refused in words with the way out, others are taken", () =>
  inFolder(async (dir) => {
    const { image } = phantomCase(2, { ...COHORT, size: 64 });
    await writeNifti(`${dir}/small.nii.gz`, image);
    await writeNifti(`${dir}/large.nii.gz`, phantomCase(2, { ...COHORT, size: 96 }).image);
    await using browser = await TestBrowser.open();
    await using visit = await openPage(browser, dir, { before: SMALL_MACHINE });
    const { page } = visit;
    await page.locator("button.primary:enabled").waitFor();
    await page.getByLabel("Choose files").setInputFiles([`${dir}/large.nii.gz`, `${dir}/small.nii.gz`]);
    await page.getByText(/Cannot read "large\.nii\.gz": expected at most 0\.0 million voxels, .* or segment it without/)
      .waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    assert.deepEqual([visit.requests, visit.errors], [[], []]);
  }));
