import { dirname, join } from "node:path";
import { z } from "zod";
import type { Summary } from "../inference/summary.ts";
import { defineStage } from "../pipeline/mod.ts";

/** The page of a run: everything in one file that opens by double click. It is the one file that may tell paths and times. */
export const report = defineStage({
  name: "report",
  version: 2,
  /**
   * `tests` and `segmentations`: whole artifacts by part; `models`: what their trainings ended with, beside which lies the log;
   * `scans`: raw images of the cases that were segmented.
   */
  inputs: {
    tests: "files",
    models: "files",
    images: "optional cases",
    labels: "optional cases",
    summary: "optional file",
    segmentations: "files",
    scans: "optional cases",
  },
  params: z.object({
    experiment: z.string(),
    dataset: z.string(),
    /** Steps of the trainings. */
    steps: z.int(),
    /** What differs from the published protocol. */
    differences: z.array(z.string()),
  }),
  outputs: { page: "index.html" },
  async run({ inputs, params, output, progress, record }) {
    // what draws and renders is loaded by those alone who need it
    const { makePage, segmentedArtifact } = await import("../report/mod.ts");
    const trainings = Object.entries(inputs.models).map(([name, model]) => ({
      name,
      dir: dirname(model),
      planned: params.steps,
    }));
    const tests = Object.entries(inputs.tests).map(([name, dir]) => ({
      ...{ name, dir },
      images: inputs.images ?? {},
      labels: inputs.labels ?? {},
    }));
    const parts = Object.entries(inputs.segmentations), scans = inputs.scans ?? {};
    const segmented = await Promise.all(
      parts.map(([name, dir]) => segmentedArtifact(dir, { part: parts.length > 1 ? name : "", scans })),
    );
    const summary = inputs.summary === undefined
      ? undefined
      : JSON.parse(await Deno.readTextFile(inputs.summary)) as Summary;
    const page = await makePage(
      {
        ...{ ...params, tests, trainings, summary, segmented: segmented.flat() },
        ...{ record: record(), outcome: { state: "done" } },
      },
      (done, total) => progress(done, total, "cases"),
    );
    await Deno.writeTextFile(join(output, "index.html"), page);
  },
});
