/** Colours of a probability from 0 to 1, of even lightness steps ("inferno", CC0, by S. van der Walt and N. Smith). */
const STOPS: readonly [red: number, green: number, blue: number][] = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
];

/** The colour of a share in 0..1. */
export function heatColour(share: number): [red: number, green: number, blue: number] {
  const place = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const below = Math.min(Math.floor(place), STOPS.length - 2), rest = place - below;
  return STOPS[below].map((value, k) => Math.round(value + rest * (STOPS[below + 1][k] - value))) as [
    number,
    number,
    number,
  ];
}

/** The same colours as a gradient of a style sheet. */
export const HEAT_GRADIENT = `linear-gradient(to right, ${STOPS.map((stop) => `rgb(${stop.join(" ")})`).join(", ")})`;
