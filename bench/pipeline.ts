import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { phantomCase } from "../src/phantom/scan.ts";
import { readNifti, readNiftiHeader, writeNifti } from "../src/imaging/files/nifti_file.ts";
import type { Volume } from "../src/imaging/volume.ts";
import { type BenchRow, benchRow, timing } from "./measure.ts";
import { type Cost, FILES, type StageWork } from "./preprocessing_stages.ts";
import { checkReference, costOf, REFERENCE_PEER, referenceCost } from "./reference_python.ts";

/** What is preprocessed and how often. */
export interface PipelineBenchOptions {
  /** Side of a slice in voxels. */
  size: number;
  /** Slices of the case. */
  slices: number;
  /** How often every stage is made; medians are shown. */
  rounds: number;
  /** Folder of the reference's Python, if it is to be measured as well. */
  reference?: string;
}

/** Bytes that the reference's lists take for an edge of the grid of supervoxels, of which a voxel has 13. */
const REFERENCE_EDGE_BYTES = 250;

/** Slices of a volume that the reference can find supervoxels in where it cannot in all of them. */
const FEW_SLICES = 16;

/**
 * The preprocessing of one case of the phantom cohort, a stage at a time: every measurement is a process of its own that reads
 * and writes the files, and both implementations take turns.
 */
export async function pipeline(onRow: (row: BenchRow) => void, options: PipelineBenchOptions): Promise<void> {
  const { size, slices, rounds, reference } = options;
  if (reference !== undefined) await checkReference(reference);
  const root = await Deno.makeTempDir();
  try {
    const folder = async (name: string) => {
      await mkdir(join(root, name), { recursive: true });
      return join(root, name);
    };
    const start = performance.now();
    const raw = phantomCase(0, { cases: 1, size, slices, seed: 2023 });
    const making = timing([performance.now() - start]);
    const scale = `${size} × ${size} × ${slices}`;
    onRow(benchRow({ suite: "pipeline", name: `phantom, a case of ${scale}`, work_gflop: null }, making, null));
    const from = await folder("raw");
    await writeNifti(join(from, FILES.image), raw.image);
    await writeNifti(join(from, FILES.label), raw.label);
    const measure = async (stage: StageWork["stage"], input: string, output: string, about: string) => {
      const work: StageWork = { stage, from: await folder(input), to: await folder(output), size };
      const theirs = { ...work, to: await folder(`${output} of the reference`) };
      const fits = reference !== undefined && (stage !== "supervoxels" || await referenceFits(work));
      const costs: { ours: Cost[]; peer: Cost[] } = { ours: [], peer: [] };
      for (let round = 0; round < rounds; round++) {
        costs.ours.push(await ourCost(work));
        if (fits) costs.peer.push(await referenceCost(reference, theirs));
      }
      stageRows(`${stage}, ${about}`, costs).forEach(onRow);
      return fits;
    };
    await measure("window", "raw", "window", scale);
    await measure("resample", "window", "resample", scale);
    await measure("index", "resample", "index", scale);
    const fitted = await measure("supervoxels", "resample", "supervoxels", scale);
    if (reference !== undefined && !fitted) {
      const image = await readNifti(join(root, "resample", FILES.image));
      const few = firstSlices(image, FEW_SLICES);
      await writeNifti(join(await folder("few"), FILES.image), few);
      await measure("supervoxels", "few", "supervoxels of few", few.size.join(" × "));
    }
  } finally {
    await rm(root, { recursive: true });
  }
}

/** A row of the time on the clock with the peak of memory, and one of the processors' time. */
function stageRows(name: string, { ours, peer }: { ours: readonly Cost[]; peer: readonly Cost[] }): BenchRow[] {
  const median = (costs: readonly Cost[], of: keyof Cost) => {
    const values = costs.flatMap((cost) => cost[of] ?? []);
    return values.length > 0 ? timing(values).median : null;
  };
  const row = (name: string, of: "wallMs" | "cpuMs") =>
    benchRow(
      { suite: "pipeline", name, work_gflop: null, peers: { [REFERENCE_PEER]: median(peer, of) } },
      timing(ours.map((cost) => cost[of])),
      null,
    );
  const peak_mib = { ours: median(ours, "peakMib"), [REFERENCE_PEER]: median(peer, "peakMib") };
  return [{ ...row(name, "wallMs"), peak_mib }, row(`${name}, processor time`, "cpuMs")];
}

/** What a stage of ours costs. */
async function ourCost(work: StageWork): Promise<Cost> {
  const program = fileURLToPath(new URL("./stage_process.ts", import.meta.url));
  return await costOf(Deno.execPath(), ["run", "-A", "--no-check", program, JSON.stringify(work)]);
}

/** Whether this machine has the memory for the reference's supervoxels. */
async function referenceFits({ from }: StageWork): Promise<boolean> {
  const { size: [nx, ny, nz] } = await readNiftiHeader(join(from, FILES.image));
  return 13 * nx * ny * nz * REFERENCE_EDGE_BYTES < Deno.systemMemoryInfo().available;
}

function firstSlices(volume: Volume, count: number): Volume {
  const [nx, ny] = volume.size;
  return { ...volume, size: [nx, ny, count], data: volume.data.subarray(0, nx * ny * count) as Volume["data"] };
}
