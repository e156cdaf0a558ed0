/** How the learning rate changes over the steps. */
export interface Schedule {
  /** `steps`: the published one, times `factor` at every multiple of `every`; `cosine`: to 0 at the end. */
  kind: "steps" | "cosine";
  /** Rate of the first step. */
  learningRate: number;
  /** Steps of the whole run. */
  steps: number;
  /** Of `steps`: distance of the drops. */
  every: number;
  /** Of `steps`: factor of a drop. */
  factor: number;
  /** Over so many steps at the start the rate rises evenly to what it would be; published 0. */
  warmUpSteps?: number;
}

/**
 * Learning rate of a step (docs/reference/network.md, 4.2).
 *
 * @param step counted from 1
 */
export function learningRateAt(schedule: Schedule, step: number): number {
  const { warmUpSteps = 0 } = schedule;
  return fullRateAt(schedule, step) * (step < warmUpSteps ? step / warmUpSteps : 1);
}

function fullRateAt({ kind, learningRate, steps, every, factor }: Schedule, step: number): number {
  if (kind === "cosine") return learningRate * 0.5 * (1 + Math.cos(Math.PI * (step - 1) / steps));
  // The scheduler advances after every step and drops at R, 2R, …, but no more at the very end.
  const drops = Math.min(Math.floor((step - 1) / every), Math.max(Math.floor(steps / every) - 1, 0));
  return learningRate * factor ** drops;
}
