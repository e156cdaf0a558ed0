import assert from "node:assert/strict";
import { lowered, youngSyntax } from "./lower_syntax.ts";

const YOUNG = `export const order = [];
class Opened {
  constructor(name) { this.name = name; }
  [Symbol.dispose]() { order.push("end of " + this.name); }
  async [Symbol.asyncDispose]() { order.push("late end of " + this.name); }
}
export async function work(fails) {
  using first = new Opened("first"), second = new Opened("second");
  await using third = new Opened("third");
  for (using fourth of [new Opened("fourth")]) order.push("in " + fourth.name);
  if (fails) throw new Error("on the way");
  return first.name + second.name + third.name;
}
`;

Deno.test("lowered() leaves no using, and what was to be ended ends in the same order, whatever happens", async () => {
  assert.deepEqual(youngSyntax(YOUNG), ["using"]);
  assert.deepEqual(youngSyntax("const a = /x/v, using = 1; let b = a;"), ["a regular expression with the flag v"]);
  const code = lowered(YOUNG);
  assert.deepEqual(youngSyntax(code), []);
  assert.match(code, /^Symbol\.dispose\?\?=/);
  const orders: string[][] = [];
  for (const text of [YOUNG, code]) {
    const { work, order } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    assert.equal(await work(false), "firstsecondthird");
    await assert.rejects(work(true), /on the way/);
    orders.push(order);
  }
  assert.deepEqual(orders[1], orders[0]);
  assert.throws(() => lowered("const = 1"), /Cannot lower the page's script/);
});
