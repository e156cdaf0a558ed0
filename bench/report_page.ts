// Size, time and memory of the page of a large run: synthetic SABS scans of 257 × 257 × 100 voxels, with the truth moved by two
// voxels as predictions, so that nothing is trained. `deno run -A bench/report_page.ts [CASES] [OUT]`
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { PHANTOM_FILES, phantomIds, writePhantom } from "../src/datasets/phantom.ts";
import { SABS_CLASSES, SABS_TEST_LABELS } from "../src/datasets/sabs.ts";
import { windowIntensities } from "../src/imaging/intensity.ts";
import { maskOf } from "../src/imaging/labelling.ts";
import { readNifti } from "../src/imaging/files/nifti_file.ts";
import { findRun, makePage } from "../src/report/mod.ts";
import { type MadeCase, makeRun, shifted } from "../src/testing/made_run.ts";

/** What a page of a run cost. */
export interface PageCost {
  bytes: number;
  wallMs: number;
  /** Processors' time. */
  cpuMs: number;
  /** Most memory of the process that made it; `null` where the system does not say. */
  peakMib: number | null;
  /** Cases, those with a viewer, and those of them that are shown at half the resolution. */
  cases: number;
  viewers: number;
  coarse: number;
}

/**
 * Makes the page of so many cases, in a process of its own, and says what it cost.
 *
 * @param options.scans so many are made, and serve in turn; as many as cases unless given
 * @param options.out where the page goes; nowhere unless given
 */
export async function largePage(
  cases: number,
  { scans = cases, out }: { scans?: number; out?: string } = {},
): Promise<PageCost> {
  const work = await mkdtemp(join(tmpdir(), "dfdt-page-"));
  try {
    await writePhantom(join(work, "raw"), { cases: scans, size: 257, slices: 100, seed: 1 });
    const raw = phantomIds(scans);
    const made = Array.from({ length: cases }, (_, i): MadeCase => ({
      id: String(i),
      async load() {
        const id = raw[i % scans];
        const image = await readNifti(join(work, "raw", PHANTOM_FILES.image(id)));
        const label = await readNifti(join(work, "raw", PHANTOM_FILES.label(id)));
        return { image: windowIntensities(image, { lowerHU: -125, upperHU: 275 }, id), label };
      },
      mask: (number, { data }) => shifted(maskOf(data, number), 2),
    }));
    const classes = [SABS_CLASSES[0], ...SABS_TEST_LABELS.map((label) => SABS_CLASSES[label])];
    const { dir } = await makeRun(join(work, "sabs"), made, { classes, numbers: [0, ...SABS_TEST_LABELS] });
    const page = out ?? join(work, "index.html");
    const program = fileURLToPath(import.meta.url);
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", program, "page", dir, page],
      stderr: "inherit",
    }).output();
    if (!success) throw new Error("Cannot make the page");
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await rm(work, { recursive: true });
  }
}

/** Makes a page and prints what it cost, as JSON. */
async function pageAlone(dir: string, out: string): Promise<void> {
  const before = process.cpuUsage(), start = performance.now();
  const page = await makePage((await findRun(dir)).source);
  await Deno.writeTextFile(out, page);
  const wallMs = performance.now() - start, { user, system } = process.cpuUsage(before);
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kib = /VmHWM:\s*(\d+)/.exec(status)?.[1];
  const [, data] = page.match(/<script type="application\/json" id="page-data">(.*?)<\/script>/)!;
  const { cases } = JSON.parse(data) as { cases: { viewer?: { coarseness: number } }[] };
  const cost: PageCost = {
    bytes: (await Deno.stat(out)).size,
    wallMs,
    cpuMs: (user + system) / 1000,
    peakMib: kib === undefined ? null : Number(kib) / 1024,
    cases: cases.length,
    viewers: cases.filter(({ viewer }) => viewer).length,
    coarse: cases.filter(({ viewer }) => viewer?.coarseness === 2).length,
  };
  console.log(JSON.stringify(cost));
}

if (import.meta.main) {
  if (Deno.args[0] === "page") await pageAlone(Deno.args[1], Deno.args[2]);
  else console.log(await largePage(Number(Deno.args[0] ?? 31), { out: Deno.args[1] }));
}
