import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** What `bench/growth.ts` printed: a process of its own, so that nothing else fills its memory. */
async function growth(args: string[], env: Record<string, string> = {}): Promise<Record<string, number>[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", "bench/growth.ts", ...args],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env,
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

/** More than the swings that a busy machine leaves, in MiB. The build that kept 1.75 MiB of every step grew by 87. */
const SWING_MIB = 65;

/** The lowest resident memory of a half of the work, in MiB: the garbage collector's swings only ever add to it. */
const lowest = (rows: Record<string, number>[]) => Math.min(...rows.map(({ resident_mib }) => resident_mib));

/** Fails where resident memory is higher in the second half of the rows than in the first. */
function assertFlat(rows: Record<string, number>[]): void {
  const half = rows.length >> 1, before = lowest(rows.slice(0, half)), after = lowest(rows.slice(half));
  assert.ok(after - before < SWING_MIB, `${before} → ${after} MiB`);
}

const OBJECTS = ["buffers", "textures", "pipelines", "bindGroups"];

Deno.test("100 real training steps leave resident memory and the number of GPU objects as they are", async () => {
  const rows = await growth(["training", "--side", "65", "--steps", "140"]);
  const settled = rows.filter(({ steps }) => steps >= 40);
  const before = settled[0], after = settled.at(-1)!;
  assert.equal(after.steps, 140);
  assertFlat(settled);
  for (const kind of OBJECTS) assert.equal(after[kind], before[kind], kind);
});

Deno.test("slices segmented case after case leave resident memory and the number of GPU objects as they are", async () => {
  const rows = await growth(["slices", "--side", "65", "--count", "360"]);
  const settled = rows.filter(({ slices }) => slices >= 120);
  const before = settled[0], after = settled.at(-1)!;
  assert.equal(after.slices, 360);
  assertFlat(settled);
  for (const kind of OBJECTS.slice(0, 3)) assert.equal(after[kind], before[kind], kind);
  // the first cases take buffers in orders of their own
  assert.ok(after.bindGroups < 1.15 * before.bindGroups, `${before.bindGroups} → ${after.bindGroups} bind groups`);
});

for (const set of ["gpu", "llvmpipe"]) {
  Deno.test(`no dispatch of a step or a segmented slice keeps memory in the driver, kernel set "${set}"`, async () => {
    const rows = await growth(["kernels", "--side", "65"], { DFDT_KERNELS: set });
    const { dispatches } = rows.at(-1)!;
    assert.ok(dispatches > 500);
    assert.deepEqual(rows.slice(0, -1), []);
  });
}
