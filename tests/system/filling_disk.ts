import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readManifest } from "../../src/pipeline/store.ts";
import { contents, run, SMALL } from "../pipeline/command_line.ts";

// `filling_disk.ts DIR SIZES`, in a process that may mount: the phantom's pipeline on a disk that is full again and again, and
// larger each time, from nothing to more than all. Prints how many sizes were too small.

const [dir, sizes] = [Deno.args[0], Number(Deno.args[1])];
const whole = `${dir}/whole`, disk = `${dir}/disk`, work = `${disk}/work`;
const ARGS = ["pipeline", "phantom", ...SMALL, "--work"];

/** What a run says whose disk is full. */
const FULL =
  /^Cannot write to ".*": the disk is full \(\d+ of \d+ bytes free\)\. Free some .* the same command goes on from there$/gm;

/** KiB of the blocks that the files below a folder take, each counted once whatever names it has. */
function blocksBelow(folder: string, seen = new Set<number | null>()): number {
  let kib = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`, { size, ino } = Deno.statSync(path);
    if (isDirectory) kib += blocksBelow(path, seen);
    else if (!seen.has(ino)) kib += 4 * Math.ceil(size / 4096);
    seen.add(ino);
  }
  return kib;
}

function mount(...options: string[]): void {
  const { success, stderr } = new Deno.Command("mount", { args: options }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** Whatever would be taken for finished has the bytes of the undisturbed run. */
async function checkArtifacts(expected: ReadonlyMap<string, string>): Promise<number> {
  const found = await contents(work), checked = new Set<string>();
  for (const path of found.keys()) {
    const folder = /^(.*\/[0-9a-f]{24})\//.exec(path)?.[1];
    if (!folder || checked.has(folder)) continue;
    checked.add(folder);
    const manifest = await readManifest(work + folder);
    if (!manifest) continue;
    assert.ok(await readManifest(work + folder, true), `${folder} is torn`);
    for (const file of manifest.files) {
      const path: string = `${folder}/${file.path}`;
      assert.equal(found.get(path), expected.get(path), path);
    }
  }
  return checked.size;
}

assert.equal((await run(...ARGS, whole)).code, 0);
const expected = await contents(whole), kib = blocksBelow(whole);
await Deno.mkdir(disk);
mount("-t", "tmpfs", "-o", "size=4k", "tmpfs", disk);
let full = 0, finished = 0;
for (let i = 0; i < sizes; i++) {
  mount("-o", `remount,size=${4 + Math.ceil(1.1 * kib * i / (sizes - 1))}k`, disk);
  const { code, stdout, stderr } = await run(...ARGS, work);
  const said = stdout + stderr;
  assert.ok(code === 0 || code === 1, `size ${i}, exit code ${code}: ${said}`);
  assert.doesNotMatch(said, /ENOSPC|os error|DFDT_DEBUG|^ {4}at /m, `size ${i}`);
  assert.equal(said.match(FULL)?.length ?? 0, code, `size ${i}: ${said}`);
  full += code;
  finished = await checkArtifacts(expected);
}
mount("-o", "remount,size=1g", disk);
const { code, stderr } = await run(...ARGS, work);
assert.equal(code, 0, stderr);
const left = [...(await contents(work)).keys()].filter((path) => !expected.has(path));
assert.deepEqual(left, [], `left below ${relative(fileURLToPath(new URL("../..", import.meta.url)), work)}`);
assert.deepEqual(await contents(work), expected);
console.log(JSON.stringify({ sizes, full, finished }));
