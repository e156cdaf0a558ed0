import { UserError } from "../errors.ts";
import type { Volume } from "../imaging/volume.ts";

/**
 * Refuses labels on another grid than their image, and values that are no class.
 *
 * @param about.classes number of classes, background included
 * @param about.name the label file, for messages
 * @throws {UserError}
 */
export function checkLabels(label: Volume, image: Volume, { classes, name }: { classes: number; name: string }): void {
  if (label.size.join() !== image.size.join()) {
    throw new UserError(
      "data",
      `Cannot use "${name}": expected the grid of its image, ${image.size.join(" × ")}, found ${
        label.size.join(" × ")
      }`,
    );
  }
  const wrong = label.data.find((value) => !Number.isInteger(value) || value < 0 || value >= classes);
  if (wrong !== undefined) {
    throw new UserError("data", `Cannot use "${name}": expected label values 0 to ${classes - 1}, found ${wrong}`);
  }
}
