import { z } from "zod";
import { PHANTOM_FILES, phantomIds, writePhantom } from "../datasets/phantom.ts";
import { defineStage } from "../pipeline/mod.ts";

/** Writes a synthetic cohort in the raw SABS layout (docs/command-line.md, "The phantom cohort"). */
export const phantom = defineStage({
  name: "phantom",
  version: 1,
  inputs: {},
  params: z.object({
    cases: z.int().min(1).max(30),
    size: z.int().min(64).max(512),
    slices: z.int().min(4).max(200),
    seed: z.int().min(0),
  }),
  outputs: { images: { cases: PHANTOM_FILES.image }, labels: { cases: PHANTOM_FILES.label } },
  caseIds: ({ cases }) => phantomIds(cases),
  run: ({ params, output, progress }) => writePhantom(output, params, (done) => progress(done, params.cases, "cases")),
});
