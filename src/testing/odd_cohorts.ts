import { ODD_GEOMETRY } from "./odd_cohorts/geometry.ts";
import { ODD_LAYOUTS } from "./odd_cohorts/layout.ts";
import { ODD_VALUES } from "./odd_cohorts/values.ts";
import type { OddCohort } from "./odd_cohorts/write.ts";

export { type OddCohort, writePlain } from "./odd_cohorts/write.ts";

/** Inputs of the kinds that people have reported, each with what is right. */
export const ODD_COHORTS: readonly OddCohort[] = [...ODD_GEOMETRY, ...ODD_VALUES, ...ODD_LAYOUTS];
