import type { NodeState, Reporter } from "../pipeline/mod.ts";

/** Tells what is to be done about every stage, and why. */
export function printPlan(
  states: readonly NodeState[],
  reporter: Reporter,
  { json }: { json?: boolean },
): void {
  if (!json) reporter.report({ event: "plan", message: "Plan" });
  const nameOf = ({ node: { stage: { name }, part } }: NodeState) => part ? `${name} (${part})` : name;
  const width = Math.min(Math.max(14, ...states.map((state) => nameOf(state).length)), WIDEST_NAME);
  for (const state of states) {
    const { node: { stage: { name }, part }, status, key, reason, resumesAt } = state;
    const what = status === "cached" ? "cached" : status === "pending" ? "to do" : "to make";
    const why = [resumesAt && `resumes at ${resumesAt}`, reason].filter((text) => text).join("; ");
    const does = `${what}${why ? `: ${why}` : ""}`;
    const message = json ? does : `  ${nameOf(state).padEnd(width)} ${(key ?? "-").padEnd(24)}  ${does}`;
    reporter.report({ event: "plan", stage: name, part, key, message });
  }
}

/** Columns of a name beyond which what stands behind it is not moved. */
const WIDEST_NAME = 60;
