import assert from "node:assert/strict";
import { parseHTML } from "linkedom";
import { makePage, type PageSource } from "../../src/report/mod.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { ballCases, makeRun, segmentedCases, trainingBeside } from "../../src/testing/made_run.ts";

const ABOUT = { experiment: "custom", dataset: "made up", differences: [], outcome: { state: "done" } } as const;

/** The page of a source, as a document. */
async function pageOf(source: Partial<PageSource>) {
  const text = await makePage({ ...ABOUT, tests: [], trainings: [], ...source });
  // deno-lint-ignore no-explicit-any -- a document, whose types the tests' folder does not have
  const { document } = parseHTML(text) as any;
  // deno-lint-ignore no-explicit-any -- elements of it
  const all = (selector: string): any[] => [...document.querySelectorAll(selector)];
  const words = document.querySelector("main").textContent.replace(/\s+/g, " ") as string;
  return { text, all, words };
}

Deno.test("makePage() shows every case and class with the figures of scores.json, the worst case first", () =>
  inFolder(async (dir) => {
    const test = await makeRun(dir, ballCases(4, { classes: 2 }), {
      classes: ["background", "肝臓", '<b>&"x"'],
      protocol: "volume",
    });
    const trainings = [{ name: "fold 0", dir: trainingBeside(test), planned: 30 }];
    const { all, words, text } = await pageOf({ tests: [test], trainings });
    const scores = JSON.parse(await Deno.readTextFile(`${test.dir}/scores.json`));
    const heads = all("#case-table thead th").map((head) => head.textContent);
    assert.deepEqual(heads.slice(0, 6), ["case", "class", "Dice", "IoU", "HD95, mm", "ASSD, mm"]);
    const rows = all("#case-table tbody tr").map((row) => [...row.querySelectorAll("td")]);
    assert.equal(rows.length, 6);
    for (const [id, name, ...cells] of rows) {
      const expected = scores.classes[name.textContent].cases[id.textContent];
      const values = cells.slice(0, 4).map((cell) => Number(cell.getAttribute("data-value")));
      assert.deepEqual(values, [expected.dice, expected.iou, expected.hd95Mm, expected.assdMm]);
      assert.equal(cells[0].textContent, (100 * expected.dice).toFixed(2));
    }
    assert.deepEqual(all(".card .name").map((name) => name.textContent), ["case_3", "case_2", "case_1"]);
    assert.ok(
      words.includes(`Mean Dice ${(100 * scores.dice).toFixed(2)} % over 2 classes and 3 cases of fold 0`),
      words,
    );
    assert.equal(all("#curves svg").length, 7);
    assert.deepEqual(all("#overlays h3").map((head) => head.textContent.split(":")[0]), ["Best", "Median", "Worst"]);
    assert.equal(all("#slices svg").length, 2);
    assert.ok(
      !/(?:src|href)="(?!data:|#)/.test(text.replace(/<script[^]*?<\/script>/g, "")),
      "an address of elsewhere",
    );
  }));

Deno.test("makePage() puts the printed rows beside a fold of a published set", () =>
  inFolder(async (dir) => {
    const cases = ballCases(2, { classes: 4 }), classes = ["BG", "SPLEEN", "RK", "LK", "LIVER"];
    const test = await makeRun(dir, cases, { classes, experiment: "sabs", dataset: "SABS" });
    const { all, words } = await pageOf({ experiment: "sabs", dataset: "SABS", tests: [test] });
    const rows = all("#verdict tbody tr").map((row) => row.textContent);
    assert.ok(rows.length > 8);
    assert.match(rows[0], /^this run(?:\d+\.\d\d){5}$/);
    assert.ok(rows.some((row) => /^DFDT, as printed/.test(row)));
    assert.match(words, /Printed figures are from:/);
  }));

Deno.test("makePage() of several folds names them; of 117 classes it plots the worst and lists all", () =>
  inFolder(async (dir) => {
    const cases = ballCases(2, { classes: 1 }), classes = ["background", "a"];
    const tests = [
      await makeRun(`${dir}/a`, cases, { classes }),
      await makeRun(`${dir}/a`, cases, { classes, fold: 1 }),
    ];
    const folds = await pageOf({ tests });
    assert.deepEqual(folds.all(".card .name").map((name) => name.textContent).sort(), ["case_1fold 0", "case_1fold 1"]);
    assert.equal(folds.all("#verdict table").length, 0);
    assert.deepEqual(folds.all("#table-part option").map((one) => one.textContent), ["all", "fold 0", "fold 1"]);

    const names = ["background", ...Array.from({ length: 117 }, (_, i) => `structure ${i}`)];
    const many = await makeRun(`${dir}/b`, ballCases(2, { classes: 117, side: 66, slices: 2 }), { classes: names });
    const { all, words } = await pageOf({ tests: [many] });
    assert.equal(all("#case-table tbody tr").length, 117);
    assert.equal(all("#slices svg").length, 12);
    assert.match(words, /Shown are the 12 worst of 117 classes; the table has all/);
    assert.match(words, /Shown are the 40 worst of 117 classes/);
  }));

Deno.test("makePage() of cases without labels shows masks, probabilities, disagreement and millilitres", async () => {
  const cases = ballCases(3, { classes: 2 }), segmented = segmentedCases(cases, [null, 0.125, 0.5]);
  const { all, words } = await pageOf({ segmented });
  assert.match(words, /3 cases segmented\. There is no truth to compare with/);
  const rows = all("#case-table tbody tr").map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.textContent)
  );
  const { label } = await cases[1].load();
  const ml = label.data.filter((number) => number === 1).length * 2 * 2 * 5 / 1000;
  // where the supports disagree most comes first
  assert.deepEqual(rows.map(([id, name]) => `${id} ${name}`).filter((_, i) => i % 2 === 0), [
    "case_2 a",
    "case_1 a",
    "case_0 a",
  ]);
  assert.deepEqual(rows[2].slice(0, 4), ["case_1", "a", ml.toFixed(1), "0.125"]);
  assert.deepEqual(rows[4].slice(3, 4), ["–"]);
  assert.deepEqual([all("#probabilities figure").length, all(".card .score")[1].textContent.endsWith(" ml")], [
    3,
    true,
  ]);
});

Deno.test("makePage() of one case, of no case, of a training alone, and of a run that failed, makes sense", () =>
  inFolder(async (dir) => {
    const one = await makeRun(dir, ballCases(2, { classes: 1 }), { classes: ["background", "a"] });
    const single = await pageOf({ tests: [one] });
    assert.equal(single.all(".card").length, 1);
    assert.deepEqual(single.all("#overlays h3").length, 1);
    const none = await pageOf({ trainings: [{ name: "fold 0", dir: trainingBeside(one), planned: 60 }] });
    assert.match(none.words, /Nothing has been tested yet: there is no score.*30 of 60 steps/);
    assert.equal(none.all("#viewer, #case-table, .card").length, 0);
    const failed = await pageOf({ outcome: { state: "failed", message: "the disk <is> full" } });
    assert.match(failed.words, /The run failed\..*the disk <is> full.*There is no result yet\./);
    const empty = await pageOf({});
    assert.match(empty.words, /There is no finished case\./);
  }));
