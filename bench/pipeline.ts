import { phantomCase } from "../src/datasets/phantom.ts";
import { windowIntensities } from "../src/imaging/intensity.ts";
import { resampleSabs } from "../src/imaging/preprocess.ts";
import { supervoxels } from "../src/imaging/supervoxels.ts";
import { type BenchRow, benchRow, hostTiming } from "./measure.ts";

/** The preprocessing of one case of the phantom cohort, 192 × 192 × 24. */
export async function pipeline(onRow: (row: BenchRow) => void): Promise<void> {
  const size = { cases: 1, size: 192, slices: 24, seed: 2023 };
  const raw = phantomCase(0, size);
  const window = () => windowIntensities(raw.image, { lowerHU: -125, upperHU: 275 }, "phantom");
  const image = window();
  const resample = () => resampleSabs({ image, label: raw.label }, { full: 192, border: 12, target: 96 });
  const small = resample().image;
  const bodies: [name: string, body: () => void][] = [
    ["phantom", () => void phantomCase(0, size)],
    ["window", () => void window()],
    ["resample", () => void resample()],
    ["supervoxels", () => void supervoxels(small, { minVoxels: 800 }, "phantom")],
  ];
  for (const [name, body] of bodies) {
    onRow(benchRow({ suite: "pipeline", name: `${name}, a case`, work_gflop: null }, await hostTiming(body, 5), null));
  }
}
