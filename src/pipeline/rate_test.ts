import assert from "node:assert/strict";
import { Rate } from "./rate.ts";

Deno.test("a Rate counts from the first report, not from zero, and forgets what is over a minute ago", () => {
  const rate = new Rate();
  assert.equal(rate.update(100, 500), 0); // a resumed run: 500 are no work of this one
  assert.equal(rate.update(110, 505), 0.5);
  assert.equal(rate.update(150, 545), 0.9);
  assert.equal(rate.update(170, 565), 1); // since 110
  assert.equal(rate.update(400, 795), 1); // one long step: since the last report before it
});
