import { IGNORED } from "./labelling.ts";
import { extremes, float64Chunks, isIntegerVolume, type Volume } from "./volume.ts";

/** Air of a CT lies below, in HU. */
const AIR_HU = -500;

/** A range of HU reaches from air to at least what contrast makes of blood. */
const HU_LOWEST = -900, HU_HIGHEST = 100;

/** What a scanner adds to HU in order to store no negative number. */
const OFFSET = 1024;

/** Share of the labelled voxels outside of the window from which it is said. */
const MOST = 0.5;

/**
 * What is odd about the intensities of an image, given the way that they go: a CT whose values are no HU, or whose labelled
 * voxels lie outside of the window; another channel whose values look like HU.
 *
 * @param label class numbers on the image's grid; 0 is background
 * @param windowHU the window, if intensities go through one
 */
export function oddIntensities(
  image: Volume,
  label: Volume | undefined,
  windowHU: readonly [lower: number, upper: number] | undefined,
): string[] {
  const { lowest, highest } = extremes(image.data);
  const range = `${short(lowest)}..${short(highest)}`;
  if (!windowHU) {
    if (!(reachesOverHU(image) && isIntegerVolume(image))) return [];
    return [
      `intensities ${range} look like HU, but go through the percentile cut: is it a CT? --set data.intensity=window`,
    ];
  }
  const warnings: string[] = [];
  const [lower, upper] = windowHU;
  if (lowest > AIR_HU) {
    const shifted = lowest >= 0 && highest > OFFSET
      ? `If they are ${OFFSET} above HU: --set data.windowHU=[${lower + OFFSET},${upper + OFFSET}]; else`
      : "If they are not:";
    warnings.push(
      `intensities ${range}: a CT in HU has air below ${AIR_HU}. Are these HU? ${shifted} --set data.intensity=percentile`,
    );
  }
  if (label) {
    const values = labelledValues(image, label);
    const below = values.findIndex((value) => value >= lower), inside = values.findIndex((value) => value > upper);
    const under = below < 0 ? values.length : below, over = inside < 0 ? 0 : values.length - inside;
    if (values.length > 0 && under + over > MOST * values.length) {
      const percent = (count: number) => `${Math.round(100 * count / values.length)} % of the labelled voxels are`;
      const where = over >= under ? `${percent(over)} above ${upper}` : `${percent(under)} below ${lower}`;
      warnings.push(
        `${where} HU, an end of the window, where all are equal. Of these, most lie within ` +
          `--set data.windowHU=[${windowAround(values)}]`,
      );
    }
  }
  return warnings;
}

/** Whether the values of an image reach from air to blood at least, as HU do. */
export function reachesOverHU({ data }: Pick<Volume, "data">): boolean {
  const { lowest, highest } = extremes(data);
  return lowest <= HU_LOWEST && highest >= HU_HIGHEST;
}

/** Intensities of the voxels of any class, ascending. */
function labelledValues(image: Volume, label: Volume): Float64Array {
  const found: number[] = [];
  for (const [chunk, start] of float64Chunks(image.data)) {
    for (let i = 0; i < chunk.length; i++) {
      const number = label.data[start + i];
      if (number !== 0 && number !== IGNORED) found.push(chunk[i]);
    }
  }
  return Float64Array.from(found).sort();
}

/** Share of the values at either end that a window need not hold, its margin, and what its ends are rounded to. */
const TAIL = 0.02, MARGIN = 0.25, ROUND = 5;

/** A window that holds most of some values, ascending, with a margin. */
function windowAround(values: Float64Array): [lower: number, upper: number] {
  const at = (share: number) => values[Math.round(share * (values.length - 1))];
  const low = at(TAIL), high = at(1 - TAIL), margin = MARGIN * (high - low) + ROUND;
  return [Math.floor((low - margin) / ROUND) * ROUND, Math.ceil((high + margin) / ROUND) * ROUND];
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
