import { UserError } from "../errors.ts";
import type { Volume } from "../imaging/volume.ts";

/** Wrong label values that a message lists. */
const MOST_SHOWN = 8;

/** The different values in a label map. */
export function valuesOf({ data }: Volume): Set<number> {
  const found = new Set<number>();
  let last: number | undefined; // labels come in runs
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== last) found.add(last = data[i]);
  }
  return found;
}

/**
 * Refuses labels on another grid than their image, and values that are no class.
 *
 * @param about.classes number of classes, background included; or the stored value of each, where they are not 0, 1, 2, …
 * @param about.name the label file, for messages
 * @throws {UserError}
 */
export function checkLabels(
  label: Volume,
  image: Volume,
  { classes, name }: { classes: number | readonly number[]; name: string },
): void {
  if (label.size.join() !== image.size.join()) {
    throw new UserError(
      "data",
      `Cannot use "${name}": expected the grid of its image, ${image.size.join(" × ")}, found ${
        label.size.join(" × ")
      }`,
    );
  }
  const wrong = [...valuesOf(label)].filter((value) =>
    typeof classes === "number" ? !Number.isInteger(value) || value < 0 || value >= classes : !classes.includes(value)
  ).sort((a, b) => a - b);
  if (wrong.length > 0) {
    const found = wrong.slice(0, MOST_SHOWN).join(", ") + (wrong.length > MOST_SHOWN ? ", …" : "");
    const expected = typeof classes === "number" ? `0 to ${classes - 1}` : classes.join(", ");
    throw new UserError("data", `Cannot use "${name}": expected label values ${expected}, found ${found}`);
  }
}
