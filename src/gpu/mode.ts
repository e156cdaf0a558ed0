/**
 * What becomes of work that is asked for:
 * `compute`: it is done; `compile`: buffers are taken and tables uploaded, but of a dispatch only its pipeline is noted, to be
 * compiled; `count`: nothing reaches the device, only the bytes that it would take are counted.
 */
export type Mode = "compute" | "compile" | "count";

let current: Mode = "compute";

/** What becomes of work that is asked for now. */
export function mode(): Mode {
  return current;
}

/** Runs `body`, which does not wait for anything, in a mode. */
export function inMode<T>(wanted: Mode, body: () => T): T {
  const outer = current;
  current = wanted;
  try {
    return body();
  } finally {
    current = outer;
  }
}
