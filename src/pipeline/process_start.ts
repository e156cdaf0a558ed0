import { readFileSync } from "node:fs";
import process from "node:process";

/** When a process began, as Linux counts it (proc_pid_stat(5), field 22); empty elsewhere. */
export function processStart(number: number): string {
  try {
    const stat = readFileSync(`/proc/${number}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return "";
  }
}

/**
 * Whether a process of this machine lives.
 *
 * @param start when it began: another one may have its number now
 */
export function processIsAlive(number: number, start: string): boolean {
  try {
    process.kill(number, 0);
  } catch (error) {
    // it lives, but is somebody else's
    if ((error as { code?: string }).code !== "EPERM") return false;
  }
  const found = processStart(number);
  return found === "" || start === "" || found === start;
}
