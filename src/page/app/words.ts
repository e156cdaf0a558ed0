import { PageFault } from "./worker_line.ts";

/** What a user is told of a fault, and what to do about it. */
export function faultInWords(error: unknown): string {
  if (!(error instanceof PageFault)) return `Something went wrong: ${(error as Error).message ?? error}`;
  switch (error.kind) {
    case "data":
      return error.message;
    case "adapter":
      return "This browser offers no graphics adapter to compute with (WebGPU), so nothing can be segmented; painting and " +
        "saving work. Open the page in a current Chrome, Edge or Firefox on a computer whose graphics driver is up " +
        "to date; in Chrome and Edge, chrome://gpu says what is missing";
    case "lost":
      return `The graphics device was lost${error.message ? ` (${error.message})` : ""}, as happens when a driver is ` +
        "restarted, a laptop sleeps or another program takes all memory. What you painted is kept. Press “Start again”";
    case "memory":
      return "There is not enough memory for this scan. Close other tabs and programs, remove scans that are done from the " +
        "list, or choose fewer slices under “More choices”, then press “Start again”";
    case "cancelled":
      return "Stopped. What was painted is as it was";
    case "fault":
      return `The computation broke off: ${error.message}. Press “Start again”; what you painted is kept`;
  }
}

/** Whether computing has to be started again after a fault. */
export function needsRestart(error: unknown): boolean {
  return error instanceof PageFault && ["lost", "memory", "fault"].includes(error.kind);
}

/** A volume for people. */
export function millilitresInWords(millilitres: number): string {
  return `${millilitres >= 100 ? millilitres.toFixed(0) : millilitres.toFixed(1)} ml`;
}

/** How long something still takes, for people. */
export function secondsInWords(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** "1 slice", "2 slices". */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** What a user is told of the synthetic scans. */
export const PHANTOMS_MADE =
  "Two synthetic patients that the model has never seen. On one slice of the first the liver is painted already: press " +
  "“Segment”, or erase it and paint something else";

/** That a file was taken for labels. */
export function labelsTaken(
  path: string,
  scan: string,
  { structures, slices }: { structures: number; slices: number },
): string {
  return `“${path}” is taken for the labels of “${scan}”: ${counted(structures, "structure")} on ${
    counted(slices, "slice")
  }`;
}
