import { UserError } from "../errors.ts";
import type { Volume } from "../imaging/volume.ts";

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
  const wrong = typeof classes === "number"
    ? label.data.find((value) => !Number.isInteger(value) || value < 0 || value >= classes)
    : label.data.find((value) => !classes.includes(value));
  if (wrong !== undefined) {
    const expected = typeof classes === "number" ? `0 to ${classes - 1}` : classes.join(", ");
    throw new UserError("data", `Cannot use "${name}": expected label values ${expected}, found ${wrong}`);
  }
}
