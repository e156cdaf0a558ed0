import assert from "node:assert/strict";
import type { Figures } from "./protocol.ts";
import { type ClassMeasures, makeScores, type RunDescription } from "./results.ts";
import { casesCsv, resultsTable } from "./results_tables.ts";

const about: RunDescription = {
  experiment: "sabs",
  dataset: "SABS",
  fold: 1,
  setting: 1,
  protocol: "published",
  support: "8",
  shots: [1],
  supports: ["8"],
  step: 30000,
};

/** A class of cases whose figures are given; the baselines do half as well. */
function classOf(name: string, label: number, cases: Record<string, Figures>): ClassMeasures {
  const half = (figures: Figures) => ({ ...figures, dice: figures.dice === null ? null : figures.dice / 2 });
  return {
    name,
    label,
    cases: new Map(
      Object.entries(cases).map(([id, figures]) => [
        id,
        {
          slices: 7,
          figures: { network: figures, copy: half(figures), interval: half(figures) },
          byShots: new Map([[1, figures]]),
        },
      ]),
    ),
  };
}

Deno.test("makeScores() averages over cases, then over classes, and leaves out what is undefined", () => {
  const scores = makeScores(about, [
    classOf("SPLEEN", 1, { "6": { dice: 0.5, iou: 0.25 }, "7": { dice: 1, iou: 1 } }),
    classOf("LIVER", 6, { "6": { dice: 0.25, iou: 0.125 } }),
    classOf("RK", 2, {}),
  ]);
  assert.deepEqual(scores, {
    ...about,
    classes: {
      SPLEEN: {
        label: 1,
        cases: { "6": { dice: 0.5, iou: 0.25, slices: 7 }, "7": { dice: 1, iou: 1, slices: 7 } },
        dice: 0.75,
        iou: 0.625,
      },
      LIVER: { label: 6, cases: { "6": { dice: 0.25, iou: 0.125, slices: 7 } }, dice: 0.25, iou: 0.125 },
      RK: { label: 2, cases: {}, dice: null, iou: null },
    },
    dice: 0.5,
    iou: 0.375,
    baselines: Object.fromEntries(["copy", "interval"].map((which) => [which, {
      dice: 0.25,
      iou: 0.375,
      classes: {
        SPLEEN: { dice: 0.375, iou: 0.625 },
        LIVER: { dice: 0.125, iou: 0.125 },
        RK: { dice: null, iou: null },
      },
    }])),
  });
  const lines = resultsTable(scores).split("\n");
  assert.match(lines[2], /^Setting 1, support case 8, step 30000\. Protocol `published`: the query slices that show/);
  assert.deepEqual(lines.slice(4), [
    "| class | cases | Dice | IoU | copied mask, Dice | intensity interval, Dice |",
    "| --- | --- | --- | --- | --- | --- |",
    "| SPLEEN | 2 | 75.00 | 62.50 | 37.50 | 37.50 |",
    "| LIVER | 1 | 25.00 | 12.50 | 12.50 | 12.50 |",
    "| RK | 0 | – | – | – | – |",
    "| **mean** |  | **50.00** | **37.50** | 25.00 | 25.00 |",
    "",
    "Dice of every case:",
    "",
    "| case | SPLEEN | LIVER | RK | **mean** |",
    "| --- | --- | --- | --- | --- |",
    "| 6 | 50.00 | 25.00 | – | **37.50** |",
    "| 7 | 100.00 | – | – | **100.00** |",
    "",
  ]);
});

Deno.test("makeScores() under volume has distances beside every Dice; resultsTable() names cases without them", () => {
  const scores = makeScores({ ...about, protocol: "volume" }, [
    classOf("A|B", 1, {
      "6": { dice: 0.5, iou: 0.25, hd95Mm: 4, assdMm: 2 },
      "7": { dice: 0, iou: 0, hd95Mm: null, assdMm: null },
    }),
    classOf("C", 2, {}),
  ]);
  const undefinedFigures = { dice: null, iou: null, hd95Mm: null, assdMm: null };
  assert.deepEqual(scores.classes["A|B"], {
    label: 1,
    cases: {
      "6": { dice: 0.5, iou: 0.25, hd95Mm: 4, assdMm: 2, slices: 7 },
      "7": { dice: 0, iou: 0, hd95Mm: null, assdMm: null, slices: 7 },
    },
    dice: 0.25,
    iou: 0.125,
    hd95Mm: 4,
    assdMm: 2,
  });
  assert.deepEqual(scores.classes.C, { label: 2, cases: {}, ...undefinedFigures });
  assert.deepEqual([scores.hd95Mm, scores.assdMm, scores.baselines.copy.hd95Mm], [4, 2, 4]);
  assert.deepEqual(scores.baselines.copy.classes.C, undefinedFigures);
  const text = resultsTable(scores);
  assert.match(text, /Protocol `volume`: every slice of the query is segmented without a look at its ground truth/);
  assert.match(
    text,
    /^\| A\\\|B \| 2 \| 25\.00 \| 12\.50 \| 4\.00 \| 2\.00 \| 12\.50 \| 4\.00 \| 12\.50 \| 4\.00 \|$/m,
  );
  assert.match(text, /^Cases without distances, since a mask is empty: A\|B: 7\.$/m);
});

Deno.test("resultsTable() has a column a number of shots, and names the worst class of a case where there are many", () => {
  const names = Array.from({ length: 9 }, (_, k) => `class ${k + 1}`);
  const classes = names.map((name, k) => {
    const found = classOf(name, k + 1, { a: { dice: 0.9 - k / 10, iou: 0.5 } });
    const [[id, measured]] = found.cases;
    const byShots = new Map([[1, { dice: 0.9 - k / 10, iou: 0.5 }], [3, { dice: 0.95 - k / 10, iou: 0.6 }]]);
    return { ...found, cases: new Map([[id, { ...measured, byShots }]]) };
  });
  const scores = makeScores({ ...about, shots: [1, 3], supports: ["8", "1", "2"] }, classes);
  const text = resultsTable(scores);
  assert.match(text, /support cases 8, 1, 2/);
  assert.match(
    text,
    /^\| class \| cases \| Dice, 1 shot \| Dice, 3 shots \| IoU, 1 shot \| IoU, 3 shots \| copied mask/m,
  );
  assert.match(text, /^\| class 1 \| 1 \| 90\.00 \| 95\.00 \| 50\.00 \| 60\.00 \| 45\.00 \|/m);
  assert.match(text, /^\| \*\*mean\*\* \| {2}\| \*\*50\.00\*\* \| \*\*55\.00\*\* \|/m);
  assert.match(text, /^\| a \| \*\*50\.00\*\* \| 10\.00 \| class 9 \|$/m);
  const [heads, first] = casesCsv(scores, classes).split("\n");
  assert.equal(
    heads,
    "case,class,label,slices,dice,iou,3_shots_dice,3_shots_iou,copy_dice,copy_iou,interval_dice,interval_iou",
  );
  assert.equal(first, "a,class 1,1,7,0.9,0.5,0.95,0.6,0.45,0.5,0.45,0.5");
});

Deno.test("casesCsv() has a row for every case and class, cells quoted where they have to be, and nothing where undefined", () => {
  const volume = { ...about, protocol: "volume" as const };
  const classes = [classOf('left, "upper"', 200, { "case,1": { dice: 0.5, iou: 0.25, hd95Mm: null, assdMm: null } })];
  assert.equal(
    casesCsv(volume, classes).split("\n")[1],
    '"case,1","left, ""upper""",200,7,0.5,0.25,,,0.25,0.25,,,0.25,0.25,,',
  );
});
