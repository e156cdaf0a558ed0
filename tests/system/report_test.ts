import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { comparedRun, comparisonPage, makePage, type PageSource } from "../../src/report/mod.ts";
import { type Look, TestBrowser, type Visit } from "../../src/testing/browser.ts";
import { needs } from "../../src/testing/needs.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { largePage } from "../../bench/report_page.ts";
import { ballCases, makeRun, segmentedCases, trainingBeside } from "../../src/testing/made_run.ts";

const ABOUT = { experiment: "custom", dataset: "made up", differences: [], outcome: { state: "done" } } as const;

const chromium = needs("chromium");

/** Writes the page of a source. */
async function written(path: string, source: Partial<PageSource>): Promise<string> {
  await Deno.writeTextFile(path, await makePage({ ...ABOUT, tests: [], trainings: [], ...source }));
  return pathToFileURL(path).href;
}

/** Waits until the viewer shows a slice. */
async function viewerShows({ page }: Visit, slice: string | RegExp): Promise<void> {
  await page.locator("#viewer-state").filter({ hasText: slice }).waitFor();
}

/** A folder served as any static server would. */
function serve(dir: string): { address: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const bytes = await readFile(`${dir}${new URL(request.url).pathname}`).catch(() => undefined);
    if (!bytes) return new Response("", { status: 404 });
    return new Response(new Uint8Array(bytes), { headers: { "content-type": "text/html; charset=utf-8" } });
  });
  const { port } = server.addr as Deno.NetAddr;
  return { address: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Nothing went wrong on a page, it asked for nothing, it does not need to be scrolled sideways, and everybody can use it. */
async function assertSound({ page, requests, errors, accessibilityFaults }: Visit): Promise<void> {
  assert.deepEqual([errors, requests], [[], []]);
  assert.deepEqual(await accessibilityFaults(), []);
  assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the window");
}

const LOOKS: Look[] = [{ width: 1280 }, { width: 1280, dark: true }, { width: 390 }, { width: 390, dark: true }];

chromium.test("the page opens from the disk and from a server: table, wall, viewer, ratings, light and dark, wide and narrow", () =>
  inFolder(async (dir) => {
    await using browser = await TestBrowser.open();
    const cases = ballCases(5, { classes: 3 });
    const test = await makeRun(dir, cases, { classes: ["background", "a", "b", "肝臓"], protocol: "volume" });
    const trainings = [{ name: "fold 0", dir: trainingBeside(test), planned: 30 }];
    const address = await written(`${dir}/page.html`, { tests: [test], trainings });
    for (const look of LOOKS) {
      await using visit = await browser.visit(address, look);
      await assertSound(visit);
    }

    await using server = serve(dir);
    for (const place of [address, `${server.address}/page.html`]) {
      await using visit = await browser.visit(place);
      const { page } = visit;
      const scores = JSON.parse(await Deno.readTextFile(`${test.dir}/scores.json`));
      const rows = () =>
        page.$$eval(
          "#case-table tbody tr:not([hidden])",
          (found) => found.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")),
        );
      const percent = (value: number) => (100 * value).toFixed(2);
      for (const [id, name, dice, iou] of await rows()) {
        const expected = scores.classes[name].cases[id];
        assert.deepEqual([dice, iou], [percent(expected.dice), percent(expected.iou)]);
      }
      await page.click("#case-table th:nth-child(3) button");
      const sorted = (await rows()).map(([, , dice]) => Number(dice));
      assert.deepEqual(sorted, [...sorted].sort((a, b) => a - b));
      await page.selectOption("#table-class", "肝臓");
      await page.fill("#table-find", "case_2");
      assert.deepEqual((await rows()).map(([id, name]) => [id, name]), [["case_2", "肝臓"]]);
      assert.equal(await page.textContent("#table-count"), "1 of 12 rows");

      // the worst case, on its slice with most errors
      const [{ worst, id }] = JSON.parse((await page.textContent("#page-data"))!).cases;
      assert.equal(id, "case_4");
      await page.click(".card:first-child button[data-open]");
      await viewerShows(visit, `slice ${worst} (0 to 11)`);
      assert.match((await page.textContent("#viewer-title"))!, /^Case case_4: Dice [\d.]+ %$/);
      const canvas = page.locator("#viewer-canvas");
      const before = await canvas.screenshot();
      await canvas.hover();
      await page.mouse.wheel(0, 120);
      await viewerShows(visit, new RegExp(`^slice (?!${worst} )`));
      assert.notDeepEqual(await canvas.screenshot(), before);
      await page.keyboard.press("ArrowUp");
      await assertSound(visit);
      await page.selectOption("#viewer-class", "肝臓");
      assert.match((await page.textContent("#viewer-state"))!, /肝臓: Dice [\d.]+ % here/);
      await page.selectOption("#viewer [data-rate]", "bad");
      await page.fill("#viewer-note", 'a "note", in short');
      await page.keyboard.press("Escape");
      assert.equal(await page.isVisible("#viewer"), false);

      await page.reload();
      assert.equal(await page.textContent("#rating-count"), "1 of 4 rated");
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export-ratings")]);
      const lines = (await readFile(await download.path(), "utf8")).replace("\ufeff", "").trim().split("\r\n");
      assert.equal(lines.length, 5);
      assert.match(lines[1], /^custom,,case_4,0\.\d+,bad,"a ""note"", in short"$/);
      await assertSound(visit);
    }
  }));

chromium.test("pages of odd runs are sound: 117 classes, one slice, one case, a training alone, a failure, masks without a truth, several runs", () =>
  inFolder(async (dir) => {
    await using browser = await TestBrowser.open();
    const names = (
      count: number,
    ) => ["background", ...Array.from({ length: count }, (_, i) => `結構 ${i}, "long name" <${i}>`)];
    const many = await makeRun(`${dir}/many`, ballCases(3, { classes: 117, side: 66, slices: 4 }), {
      classes: names(117),
    });
    const flat = await makeRun(`${dir}/flat`, ballCases(3, { classes: 2, slices: 1 }), { classes: names(2) });
    const one = await makeRun(`${dir}/one`, ballCases(2, { classes: 1 }), { classes: names(1), protocol: "volume" });
    const training = { name: "fold 0", dir: trainingBeside(one), planned: 60 };
    const pages: Partial<PageSource>[] = [
      { tests: [many] },
      { tests: [flat] },
      { tests: [one], trainings: [training] },
      { trainings: [training], outcome: { state: "interrupted", message: "kept up to step 30" } },
      { outcome: { state: "failed", message: "no disk" } },
      { segmented: segmentedCases(ballCases(3, { classes: 2 }), [null, 0.125, 0.5]) },
      {
        tests: [one],
        segmented: [0, 1].flatMap((fold) =>
          segmentedCases(ballCases(2, { classes: 2 }), [null, null], { part: `fold ${fold}` })
        ),
      },
    ];
    for (const [i, source] of pages.entries()) {
      const address = await written(`${dir}/${i}.html`, source);
      for (const look of LOOKS.slice(1, 3)) {
        await using visit = await browser.visit(address, look);
        await assertSound(visit);
        if (!source.tests && !source.segmented) continue;
        await visit.page.click(".card:last-child button[data-open]");
        await viewerShows(visit, /^slice /);
        await assertSound(visit);
      }
    }
    const found = (folder: string, source: Partial<PageSource>) => ({
      directory: folder,
      source: { ...ABOUT, tests: [], trainings: [], ...source },
    });
    const runs = [{ tests: [many] }, { tests: [one], trainings: [training] }, { trainings: [training] }];
    const compared = await Promise.all(runs.map((source, i) => comparedRun(found(dir, source), i, `runs/${i}`)));
    await Deno.writeTextFile(`${dir}/comparison.html`, comparisonPage(compared));
    for (const look of LOOKS.slice(1, 3)) {
      await using visit = await browser.visit(pathToFileURL(`${dir}/comparison.html`).href, look);
      await assertSound(visit);
    }
  }));

Deno.test("the page of thirty large cases stays below its limit, the worst with a viewer, and says what it leaves out", async () => {
  const { bytes, wallMs, cases, viewers, coarse, peakMib } = await largePage(31, { scans: 4 });
  console.log(
    `${bytes} bytes, ${(wallMs / 1000).toFixed(1)} s, at most ${peakMib?.toFixed(0)} MiB, ${viewers} viewers`,
  );
  assert.equal(cases, 30);
  assert.ok(bytes <= 15_000_000 && bytes > 12_000_000, `${bytes} bytes`);
  assert.ok(viewers >= 15 && viewers < 30 && coarse > 0, `${viewers} viewers, ${coarse} of them coarse`);
});
