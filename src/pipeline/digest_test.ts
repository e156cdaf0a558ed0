import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { canonicalJson, DigestMemory } from "./digest.ts";

Deno.test("canonicalJson() sorts the keys at every depth and leaves lists as they are", () => {
  const text = '{"10":1,"a":{"c":[3,{"x":1,"y":2},1],"d":null},"b":2}';
  assert.equal(canonicalJson({ b: 2, a: { d: null, c: [3, { y: 2, x: 1 }, 1] }, 10: 1 }), text);
  assert.equal(canonicalJson({ a: { c: [3, { x: 1, y: 2 }, 1], d: null }, 10: 1, b: 2 }), text);
  assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
});

Deno.test("DigestMemory.digest() of a folder goes by names and contents, not by place, time or hidden files", async () => {
  const root = await Deno.makeTempDir();
  try {
    const folder = async (name: string, files: Record<string, string>) => {
      await Deno.mkdir(`${root}/${name}/deep`, { recursive: true });
      for (const [file, text] of Object.entries(files)) await Deno.writeTextFile(`${root}/${name}/${file}`, text);
    };
    const digest = (name: string, verify = false) => new DigestMemory(`${root}/work`).digest(`${root}/${name}`, verify);
    await folder("a", { "1.dcm": "x", "2.dcm": "y", "deep/3.dcm": "z" });
    await folder("b", { "2.dcm": "y", "1.dcm": "x", "deep/3.dcm": "z", ".DS_Store": "junk" });
    await folder("swapped", { "1.dcm": "y", "2.dcm": "x", "deep/3.dcm": "z" });
    await folder("renamed", { "1.dcm": "x", "3.dcm": "y", "deep/3.dcm": "z" });
    await folder("deeper", { "1.dcm": "x", "2.dcm": "y", "deep/3.dcm": "Z" });
    const expected = await digest("a");
    assert.equal(await digest("b"), expected);
    assert.notEqual(await digest("swapped"), expected);
    assert.notEqual(await digest("renamed"), expected);
    assert.notEqual(await digest("deeper"), expected);
    await Deno.writeFile(`${root}/a/2.dcm`, new TextEncoder().encode("changed"));
    assert.notEqual(await digest("a"), expected);
    await Deno.writeFile(`${root}/packed.gz`, gzipSync("x"));
    await Deno.writeTextFile(`${root}/plain`, "x");
    assert.equal(await digest("packed.gz"), await digest("plain"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
