import { UserError } from "../errors.ts";
import { usableMemory } from "../dfdt_training/training_memory.ts";

/** What the variables of the environment say of a run. */
export interface Environment {
  /** Cases side by side; cores and memory decide unless it is set. */
  workers?: number;
}

/**
 * Looks at the variables that a run will ask for, so that a mistake is told before anything is computed.
 *
 * @throws {UserError} naming the variable
 */
export function checkEnvironment(env: Readonly<Record<string, string>>): Environment {
  const { DFDT_WORKERS, DFDT_GPU_MEMORY_GIB } = env;
  usableMemory(DFDT_GPU_MEMORY_GIB, { adapterKernels: "gpu", available: 0 });
  if (!DFDT_WORKERS) return {};
  if (/^[1-9]\d?$/.test(DFDT_WORKERS)) return { workers: Number(DFDT_WORKERS) };
  throw new UserError("usage", `Cannot use DFDT_WORKERS "${DFDT_WORKERS}": expected a whole number in 1..99`);
}
