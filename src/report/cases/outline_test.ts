import assert from "node:assert/strict";
import fc from "fast-check";
import { boundingBox, outlinePath } from "./outline.ts";

/** The corners of every closed line of a path. */
function rings(path: string): [number, number][][] {
  return path.split("z").filter((text) => text !== "").map((text) => {
    const [start, ...steps] = text.slice(1).split("l");
    const numbers = (words: string) => words.match(/-?\d*\.?\d+/g)!.map(Number);
    const corners: [number, number][] = [numbers(start) as [number, number]];
    for (const step of steps) {
      const [dx, dy] = numbers(step), [x, y] = corners[corners.length - 1];
      corners.push([x + dx, y + dy]);
    }
    return corners;
  });
}

/** Whether a point is inside by the even-odd rule. */
function isInside(lines: [number, number][][], x: number, y: number): boolean {
  let crossings = 0;
  for (const ring of lines) {
    for (const [i, [ax, ay]] of ring.entries()) {
      const [bx, by] = ring[(i + 1) % ring.length];
      if (ay > y !== by > y && x < ax + (bx - ax) * (y - ay) / (by - ay)) crossings++;
    }
  }
  return crossings % 2 === 1;
}

Deno.test("outlinePath() has the centres of a mask's pixels inside, and no others", () => {
  const mask = fc.integer({ min: 1, max: 7 }).chain((width) =>
    fc.record({
      width: fc.constant(width),
      rows: fc.array(fc.array(fc.nat(1), { minLength: width, maxLength: width })),
    })
  );
  fc.assert(fc.property(mask, ({ width, rows }) => {
    const lines = rings(outlinePath(rows.flat(), width));
    for (const [y, row] of rows.entries()) {
      for (const [x, value] of row.entries()) {
        // a little off the centre: a corner may lie on the line through it
        assert.equal(isInside(lines, x + 0.5001, y + 0.5003), value === 1, `pixel ${x}, ${y}`);
      }
    }
  }));
});

Deno.test("outlinePath() is short for straight edges and empty for an empty mask", () => {
  assert.equal(outlinePath(new Array(100).fill(1), 10), "M10 9.5l0-9l-.5-.5l-9 0l-.5 .5l0 9l.5 .5l9 0z");
  assert.equal(outlinePath(new Array(100).fill(0), 10), "");
  assert.equal(boundingBox([0, 0, 0, 0], 2), undefined);
});
