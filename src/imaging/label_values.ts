import { UserError } from "../errors.ts";
import { type Grid, type Orientation, relate, type Relation } from "./geometry.ts";
import { MOST_VALUES, valuesOf, wholeLabel } from "./labelling.ts";
import { orient } from "./orient.ts";
import type { Volume, VoxelArray } from "./volume.ts";

/** Who is told what about a raw file. */
export interface RawNotes {
  /** What its header contradicts, and how it lies to its partner. */
  header(message: string): void;
  /** What only its voxels show. */
  voxels(message: string): void;
}

/**
 * Stored labels as whole numbers, whatever they are, in the order of their image's voxels.
 *
 * @param image grid of the image
 * @param stored labels as their file holds them
 * @throws {UserError} if they lie on another grid, or are no label map
 */
export function labelValuesOn(
  image: Grid,
  stored: Volume,
  { name, notes }: { name: string; notes: RawNotes },
): Volume {
  const relation = relate(image, stored);
  sayRelation(name, { image, label: stored, relation }, { published: false, warn: notes.header });
  const turned = relation.kind === "turned" ? orient(stored, relation.orientation) : stored;
  const found = [...valuesOf(turned)].sort((a, b) => a - b);
  const soft = found.filter((value) => wholeLabel(value) === undefined);
  if (soft.length > 0) {
    throw new UserError("data", `Cannot use "${name}": expected whole numbers, found ${listValues(soft)}${SOFT}`);
  }
  if (found.length >= MOST_VALUES) {
    throw new UserError(
      "data",
      `Cannot use "${name}": expected labels, found more than ${MOST_VALUES} different values. Is it an image?`,
    );
  }
  const rounded = found.filter((value) => wholeLabel(value) !== value);
  if (rounded.length > 0) {
    notes.voxels(`"${name}": label values ${listValues(rounded)} are taken for the whole numbers next to them`);
  }
  const { size, spacing, affine } = image;
  const data = rounded.length > 0 ? turned.data.map((value) => wholeLabel(value)!) as VoxelArray : turned.data;
  return { data, size, spacing, affine };
}

/** The way out for a soft mask. */
export const SOFT =
  ". A soft mask or a map of probabilities is no label: threshold it, for example at 0.5, and save whole numbers";

/** Values that a message lists. */
const MOST_SHOWN = 8;

/** Values in a message, the first few. */
export function listValues(values: readonly number[]): string {
  return values.slice(0, MOST_SHOWN).join(", ") + (values.length > MOST_SHOWN ? ", …" : "");
}

/**
 * Says how a label lies to its image where that is not voxel on voxel.
 *
 * @throws {UserError} if they have other sizes
 */
export function sayRelation(
  path: string,
  { image, label, relation = relate(image, label) }: { image: Grid; label: Grid; relation?: Relation },
  { published, warn }: { published: boolean; warn: (message: string) => void },
): void {
  switch (relation.kind) {
    case "same":
      return;
    case "turned": {
      const how = turnInWords(relation.orientation);
      return warn(
        `"${path}" is stored in another order of voxels than its image: ${how}` +
          (published ? "; the published script reads such a case unturned" : ""),
      );
    }
    case "elsewhere":
      return warn(
        `"${path}" lies elsewhere than its image (${relation.mm.toFixed(1)} mm); it is used voxel by voxel`,
      );
    case "unlike": {
      const size = (grid: Grid) => grid.size.join(" × ");
      throw new UserError(
        "data",
        `Cannot use "${path}": expected the grid of its image, ${size(image)}, found ${size(label)}`,
      );
    }
  }
}

function turnInWords({ axes, flips }: Orientation): string {
  const moved = axes.some((axis, k) => axis !== k) ? `its axes are taken in the order ${axes.join(", ")}` : "";
  const turned = [0, 1, 2].filter((k) => flips[k]);
  const reversed = turned.length > 0 ? `axis ${turned.join(" and ")} is reversed` : "";
  return [moved, reversed].filter((text) => text).join(", ");
}
