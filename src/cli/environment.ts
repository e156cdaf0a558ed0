import { UserError } from "../errors.ts";
import { leaseTimes } from "../pipeline/mod.ts";
import { usableMemory } from "../dfdt_training/training_memory.ts";

/** What the variables of the environment say of a run. */
export interface Environment {
  /** Cases side by side; cores and memory decide unless it is set. */
  workers?: number;
  /** Trainings side by side; cores and memory decide unless it is set. */
  processes?: number;
  /** Bytes of the adapter's own memory that may be taken. */
  adapterMemory?: number;
}

/**
 * Looks at the variables that a run will ask for, so that a mistake is told before anything is computed.
 *
 * @throws {UserError} naming the variable
 */
export function checkEnvironment(env: Readonly<Record<string, string>>): Environment {
  const { DFDT_GPU_MEMORY_GIB } = env;
  leaseTimes(env.DFDT_LEASE_SECONDS);
  if (env.DFDT_LOCK && env.DFDT_LOCK !== "lease") {
    throw new UserError("usage", `Unknown DFDT_LOCK "${env.DFDT_LOCK}": expected "lease"`);
  }
  const count = (name: string) => {
    const text = env[name];
    if (!text) return undefined;
    if (/^[1-9]\d?$/.test(text)) return Number(text);
    throw new UserError("usage", `Cannot use ${name} "${text}": expected a whole number in 1..99`);
  };
  return {
    adapterMemory: usableMemory(DFDT_GPU_MEMORY_GIB, { adapterKernels: "gpu", available: 0 }),
    workers: count("DFDT_WORKERS"),
    processes: count("DFDT_PROCESSES"),
  };
}
