import type { Volume } from "./volume.ts";

/**
 * Replaces stored label values by class numbers: CMR stores 200, 500, 600 for the classes 1, 2, 3 (preprocessing reference,
 * labels).
 *
 * @param labelValues stored value of every class, in order of the classes; the labels come back as they are unless given
 * @throws {RangeError} for a value that is none of them; preprocessing has refused such files by name
 */
export function classNumbers(labels: Volume, labelValues: readonly number[] | undefined): Volume {
  if (!labelValues) return labels;
  const numbers = new Map(labelValues.map((value, label) => [value, label]));
  const data = Uint8Array.from(labels.data, (value) => {
    const label = numbers.get(value);
    if (label === undefined) throw new RangeError(`Expected stored labels ${labelValues.join(", ")}, found ${value}`);
    return label;
  });
  return { ...labels, data };
}
