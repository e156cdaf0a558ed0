import assert from "node:assert/strict";
import { z } from "zod";
import { configure } from "./configuration.ts";
import { settingsOf } from "./schema_words.ts";

const schema = z.object({
  test: z.object({
    labels: z.union([z.int(), z.string(), z.array(z.union([z.int(), z.string()])).min(1)]).nullable().describe("which"),
    share: z.number().min(0).lt(1).nullable(),
  }),
  layers: z.tuple([z.int().min(1), z.int().min(1)]),
  way: z.enum(["up", "down"]).default("up"),
  size: z.object({ side: z.int().min(64).max(512).multipleOf(4), exact: z.boolean() }),
});

const DEFAULTS = { test: { labels: null, share: null }, layers: [1, 2], size: { side: 64, exact: true } } as const;

const configured = (...settings: string[]) => configure(schema, structuredClone(DEFAULTS) as never, settings);

Deno.test("settingsOf() lists every value with what it may be in words", () => {
  assert.deepEqual(settingsOf(schema).map(({ key, type }) => `${key}: ${type}`), [
    "test.labels: a whole number, a text, a list of them or null",
    "test.share: a number of at least 0 and below 1 or null",
    "layers: a list of 2, each a whole number of at least 1",
    'way: "up" or "down"',
    "size.side: a whole number from 64 to 512 that 4 divides",
    "size.exact: true or false",
  ]);
  assert.equal(settingsOf(schema)[0].about, "which");
});

Deno.test("configure() takes lists of words without quotes, which a shell takes away", () => {
  assert.deepEqual(configured("test.labels=[LIVER, 左肾,3]").test.labels, ["LIVER", "左肾", 3]);
  assert.deepEqual(configured("test.labels=LIVER").test.labels, "LIVER");
});

Deno.test("configure() says of every value that it refuses what is expected and what was found, once", () => {
  assert.throws(() => configured("layers=[0,0]", "size.side=66", "way=left"), {
    message: "Cannot use the configuration:\n" +
      "layers: expected a list of 2, each a whole number of at least 1, found [0,0]\n" +
      'way: expected "up" or "down", found "left"\n' +
      "size.side: expected a whole number from 64 to 512 that 4 divides, found 66",
  });
  assert.throws(() => configured("test.labels=[]"), /test\.labels: expected a whole number, .* or null, found \[\]/);
});

Deno.test("configure() names the nearest key, and refuses a setting without a value", () => {
  assert.throws(() => configured("size.sid=3"), { message: 'Unknown key "size.sid": did you mean "size.side"?' });
  assert.throws(() => configured("size.side"), /expected key=value/);
});
