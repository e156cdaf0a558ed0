import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { inFolder } from "../testing/temporary_folder.ts";
import { type Description, readDescription } from "./nnunet_description.ts";

/** Reads a `dataset.json` of these bytes or values. */
async function read(content: unknown): Promise<Description> {
  let found!: Description;
  await inFolder(async (dir) => {
    const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content));
    await Deno.writeFile(join(dir, "dataset.json"), bytes);
    found = await readDescription(dir);
  });
  return found;
}

const plain = { channel_names: { 0: "MRI" }, labels: { background: 0, one: 1, two: 2 } };

async function refuses(content: unknown, message: RegExp): Promise<void> {
  await assert.rejects(read(content), (error) => {
    assert.ok(error instanceof UserError && error.exitCode === 2, String(error));
    assert.match(error.message, /dataset\.json"/);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("readDescription() keeps the user's own label values, in ascending order", async () => {
  const labelling = async (labels: object) => {
    const { classes, labelling } = await read({ ...plain, labels });
    return [classes, labelling];
  };
  assert.deepEqual(await labelling({ background: 0, b: 2, a: 1 }), [["BG", "a", "b"], { values: [0, 1, 2] }]);
  assert.deepEqual(await labelling({ background: 0, organ: 255 }), [["BG", "organ"], { values: [0, 255] }]);
  assert.deepEqual(await labelling({ x: 600, background: 0, y: 200 }), [["BG", "y", "x"], { values: [0, 200, 600] }]);
  assert.deepEqual(await labelling({ background: 0, a: 1, ignore: 2 }), [["BG", "a"], { values: [0, 1], ignore: 2 }]);
  assert.deepEqual(await labelling({ Background: 255, organ: 0 }), [["BG", "organ"], { values: [255, 0] }]);
  assert.deepEqual(await labelling({ organ: 1 }), [["BG", "organ"], { values: [0, 1] }]);
  assert.deepEqual(await labelling({ 0: "background", 4: "脾臓", 7: "liver" }), [["BG", "脾臓", "liver"], {
    values: [0, 4, 7],
  }]);
  assert.deepEqual(await labelling({ background: "0", a: "3" }), [["BG", "a"], { values: [0, 3] }]);
});

Deno.test("readDescription() passes over a byte order mark, and takes a name that is no text as text", async () => {
  const text = JSON.stringify({ ...plain, name: 5 });
  const marked = new TextEncoder().encode(`\ufeff${text}`);
  assert.equal((await read(marked)).name, "5");
  const wide = new Uint8Array(2 + 2 * text.length);
  wide.set([0xff, 0xfe]);
  [...text].forEach((letter, i) => wide[2 + 2 * i] = letter.charCodeAt(0));
  assert.deepEqual((await read(wide)).classes, ["BG", "one", "two"]);
  assert.equal((await read(plain)).name, undefined);
});

Deno.test("readDescription() refuses what it cannot use, with the key, what was expected and what was found", async () => {
  await refuses(null, /the whole: expected an object, found null/);
  await refuses([plain], /the whole: expected an object, found \[/);
  await refuses(new TextEncoder().encode("{"), /expected JSON, found/);
  await refuses(new Uint8Array(0), /expected JSON, found an empty file/);
  await refuses({ ...plain, labels: undefined }, /labels: expected an object of names and values, found none/);
  await refuses(
    { ...plain, channel_names: { 0: "T1", 1: "T2" } },
    /expected one channel in "channel_names", found 2: keep the one/,
  );
  await refuses({ labels: plain.labels }, /expected one channel in "channel_names", found 0/);
  await refuses(
    { ...plain, labels: { background: 0, a: [1, 2] } },
    /expected one value for every class .* a region, \[1,2\], for "a"/,
  );
  await refuses(
    { ...plain, labels: { background: 0, a: 1.5 } },
    /expected a whole number for "a" in "labels", found 1\.5/,
  );
  await refuses(
    { ...plain, labels: { background: 0, a: 1, b: 1 } },
    /expected a value of its own .* found 1 for "b" and "a"|found 1 for "a" and "b"/,
  );
  await refuses(
    { ...plain, labels: { 0: "background", 1: "a", 2: "a" } },
    /expected a name of its own .* "a" for 1 and 2/,
  );
  await refuses({ ...plain, labels: { background: 0 } }, /expected a class besides the background/);
});
