import { type Frame, orientationInFrame, singleAxis } from "./cohort.ts";
import { cutHighest, windowIntensities } from "./intensity.ts";
import { fitSquare, orient } from "./orient.ts";
import type { Volume } from "./volume.ts";

/** How the cases of a user's own cohort are brought to one form (docs/command-line.md, "Geometry"). */
export interface Normalization {
  /** A window in HU, or the share of the highest intensities that are cut, in percent. */
  intensity: { lowerHU: number; upperHU: number } | { cutPercent: number };
  /** The axes that all cases are brought to. */
  frame: Frame;
  /** In-plane spacing in mm of cases of several slices. */
  inPlaneMm: number;
  /** Slice spacing in mm; as it is where `null`. */
  sliceSpacingMm: number | null;
  /** Side of a slice in voxels. */
  side: number;
}

/** The in-plane spacing that a case gets: the cohort's, or, of one slice, that at which its longer edge fills the side. */
export function inPlaneSpacing(volume: Volume, { frame, inPlaneMm, side }: Normalization): number {
  if (singleAxis(volume.size) === undefined) return inPlaneMm;
  const [x, y] = orientationInFrame(volume, frame).axes;
  return Math.max(volume.size[x] * volume.spacing[x], volume.size[y] * volume.spacing[y]) / side;
}

/**
 * Intensities, orientation, in-plane spacing and size of an image.
 *
 * @param name of its file, for messages
 * @throws {UserError} if it is constant
 */
export function normalizeImage(image: Volume, options: Normalization, name: string): Volume {
  const { intensity } = options;
  const even = "cutPercent" in intensity
    ? cutHighest(image, intensity.cutPercent, name)
    : windowIntensities(image, intensity, name);
  return fitted({ ...even, data: Float64Array.from(even.data) }, options, false);
}

/** The same for its labels, class numbers on the same grid. */
export function normalizeLabel(label: Volume, options: Normalization): Volume {
  return fitted(label, options, true);
}

function fitted(volume: Volume, options: Normalization, labels: boolean): Volume {
  const oriented = orient(volume, orientationInFrame(volume, options.frame));
  const isSingle = singleAxis(volume.size) !== undefined;
  const between = isSingle ? undefined : options.sliceSpacingMm ?? undefined;
  return fitSquare(oriented, { inPlane: inPlaneSpacing(volume, options), between, side: options.side, labels });
}
