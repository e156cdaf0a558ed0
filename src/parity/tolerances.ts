/** How the error of a tensor is measured, and how large it may be. */
export interface Tolerance {
  /**
   * `relative`: largest difference over largest magnitude; `absolute`: largest difference; `each`: every element relative
   * to itself; `exact`: any difference fails; `scatter`: relative L2 norm of the scattered sample.
   */
  measure: "relative" | "absolute" | "each" | "exact" | "scatter";
  /** Largest error allowed. */
  limit: number;
}

/** Limits on the median over all gradients of the backbone. */
export const BACKBONE_MEDIAN = { whole: 2e-3, sampled: 0.1 };

/** The table of tolerances of docs/reference/network.md, 6. */
export function toleranceOf(name: string, sampled: boolean): Tolerance {
  const [group, ...rest] = name.split("/");
  const hook = rest.join("/");
  if (/num_batches_tracked|partition\.first_index|pdet\.kc/.test(hook)) return { measure: "exact", limit: 0 };
  if (group === "init") return { measure: "relative", limit: 1e-7 };
  if (/^train\d+$/.test(group)) {
    return hook === "losses" ? { measure: "each", limit: 1e-3 } : { measure: "absolute", limit: 5e-3 };
  }
  if (hook === "losses") return { measure: "each", limit: 1e-4 };
  if (group === "grad") {
    if (!hook.startsWith("encoder.backbone")) return { measure: "relative", limit: 3e-3 };
    return sampled ? { measure: "scatter", limit: 0.3 } : { measure: "relative", limit: 2e-2 };
  }
  if (group === "after") {
    if (/running_(mean|var)$/.test(hook)) return { measure: "relative", limit: 1e-4 };
    return { measure: "relative", limit: sampled ? 5e-4 : 5e-5 };
  }
  if (/^(getPred|prediction)/.test(hook)) return { measure: "absolute", limit: 2e-4 };
  if (hook.startsWith("pdet.")) return { measure: "relative", limit: 1e-3 };
  return { measure: "relative", limit: 2e-4 };
}
