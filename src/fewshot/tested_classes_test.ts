import assert from "node:assert/strict";
import { UserError } from "../errors.ts";
import { type Presence, shownClasses, wantedClasses } from "./tested_classes.ts";

const classes = [["BG", 0], ["liver", 200], ["左肾", 500], ["spleen", 600]].map(([name, value]) => ({
  name: String(name),
  value: Number(value),
}));

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof UserError && error.exitCode === 2, String(error));
    return error.message;
  }
  return assert.fail("was not refused");
}

Deno.test("wantedClasses() takes names and the user's own values", () => {
  assert.deepEqual(wantedClasses(null, classes), { tested: [1, 2, 3], named: false });
  assert.deepEqual(wantedClasses([600, "左肾", "左肾"], classes), { tested: [3, 2], named: true });
  const expected =
    /expected test\.labels among 200 \(liver\), 500 \(左肾\), 600 \(spleen\), by value or name, as in --set test\.labels=\[200\]/;
  assert.match(refusal(() => wantedClasses([1], classes)), /^Cannot test label 1: /);
  assert.match(refusal(() => wantedClasses(["Liver"], classes)), expected);
  assert.match(refusal(() => wantedClasses([0], classes)), expected);
  assert.match(refusal(() => wantedClasses([], classes)), expected);
});

const shown = (
  wanted: Parameters<typeof shownClasses>[0],
  presence: Record<number, Presence>,
  others: Record<number, string[]> = {},
) =>
  shownClasses(wanted, {
    support: "case 1",
    classes,
    presence: (number) => presence[number] ?? { after: 0 },
    others: (number) => others[number] ?? [],
  });

Deno.test("shownClasses() leaves out what the support does not show, with a line, unless the user named it", () => {
  const presence = { 1: { after: 9 }, 3: { after: 2 } };
  assert.deepEqual(shown({ tested: [1, 3], named: true }, presence), { tested: [1, 3] });
  assert.deepEqual(shown({ tested: [1, 2, 3], named: false }, presence), {
    tested: [1, 3],
    line: '"左肾": left out, since the support case "case 1" does not show it',
  });
  const message = refusal(() => shown({ tested: [1, 2, 3], named: true }, presence, { 2: ["case 4"] }));
  assert.match(message, /^Cannot test "左肾": expected the support case "case 1" to show every tested class/);
  assert.match(
    message,
    /case "case 4" shows "左肾": --set test\.support=case 4; --set test\.labels=\[200,600\] tests the others/,
  );
});

Deno.test("shownClasses() says what would keep a class that resampling has lost, and refuses where none is left", () => {
  const lost = { 1: { after: 0, before: 12, wayToKeep: "--set network.image=98 would keep it" } };
  const message = refusal(() => shown({ tested: [1, 2], named: false }, lost));
  assert.match(message, /to show a tested class, found none of their voxels/);
  assert.match(
    message,
    /"liver" has 12 voxels in the file, none after resampling: --set network\.image=98 would keep it/,
  );
  assert.match(message, /no labelled case shows "左肾"$/);
});

Deno.test("shownClasses() names eight classes and counts more", () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ name: `c${i}`, value: i }));
  const { tested, line } = shownClasses({ tested: many.map((_, i) => i).slice(1), named: false }, {
    support: "s",
    classes: many,
    presence: (number) => ({ after: number === 3 ? 1 : 0 }),
    others: () => [],
  });
  assert.deepEqual(tested, [3]);
  assert.match(line!, /^18 classes \("c1", "c2", "c4", .*"c9", …\): left out/);
});
