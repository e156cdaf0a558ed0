import { UserError } from "../../errors.ts";
import type { Triple } from "../../imaging/volume.ts";

/** What a page may take. */
export interface Room {
  /** Bytes of the longest array. */
  array: number;
  /** Bytes of all of it. */
  memory: number;
}

/** Bytes of an array that every browser allows. */
const LONGEST_ARRAY = 2 ** 32;

/** Bytes for a voxel of the longest array that a scan becomes on its way to the model: float64, before it is made coarser. */
const ARRAY_BYTES = 8;

/** Bytes for a voxel while a scan is segmented, in the page and in its worker together (`bench/large_scan.ts`). */
const BYTES = 32;

/** From so many GiB on a browser says of the machine's memory only that there is as much or more. */
const MOST_SAID = 8;

/** What this browser gives a page, as far as it says. */
export function roomOfPage(
  { deviceMemory }: { deviceMemory?: number } = navigator as { deviceMemory?: number },
): Room {
  const isKnown = deviceMemory !== undefined && deviceMemory < MOST_SAID;
  return { array: LONGEST_ARRAY, memory: isKnown ? deviceMemory * 2 ** 30 : Infinity };
}

/**
 * Refuses a scan that there is no room for, before any of it is read: a page that runs out of memory just disappears.
 *
 * @throws {UserError} that says how many voxels there is room for, and the way out
 */
export function expectRoom(size: Triple, name: string, { array, memory }: Room): void {
  const largest = Math.floor(Math.min(array / ARRAY_BYTES, memory / BYTES));
  if (size[0] * size[1] * size[2] <= largest) return;
  throw new UserError(
    "data",
    `Cannot read "${name}": expected at most ${millions(largest)} voxels, for which this page has memory, found ` +
      `${size.join(" × ")}, ${
        millions(size[0] * size[1] * size[2])
      }. Cut the scan to the part that shows the structure, ` +
      "make its voxels coarser, or segment it without a browser: ./dfdt segment",
  );
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(count < 10e6 ? 1 : 0)} million`;
}
