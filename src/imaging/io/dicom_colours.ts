/** A colour of a screen: red, green, blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Colours that also people tell apart who see few (Okabe and Ito 2008); black, the last of theirs, is left out. */
const PALETTE: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];

/** By how much the colours of a further round are darker. */
const DARKER = 0.7;

/** A colour for the segment of a number, from 1. */
export function segmentColour(number: number): Rgb {
  const round = Math.floor((number - 1) / PALETTE.length) % 4;
  const [red, green, blue] = PALETTE[(number - 1) % PALETTE.length];
  const shade = (value: number) => Math.round(value * DARKER ** round);
  return [shade(red), shade(green), shade(blue)];
}

/** From linear sRGB to XYZ under D50, the white of CIELab in DICOM (IEC 61966-2-1, adapted by Bradford). */
const TO_XYZ = [
  [0.4360747, 0.3850649, 0.1430804],
  [0.2225045, 0.7168786, 0.0606169],
  [0.0139322, 0.0971045, 0.7141733],
];

const WHITE_D50 = [0.96422, 1, 0.82521];

/** CIELab as DICOM stores it (PS3.3, C.10.7.1.1): L* 0 to 100, a* and b* −128 to 127, each as 0 to 65535. */
export function dicomLab(rgb: Rgb): [l: number, a: number, b: number] {
  const linear = rgb.map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  const [x, y, z] = TO_XYZ.map((row, k) => {
    const t = row.reduce((sum, factor, i) => sum + factor * linear[i], 0) / WHITE_D50[k];
    return t > (6 / 29) ** 3 ? Math.cbrt(t) : t * (29 / 6) ** 2 / 3 + 4 / 29;
  });
  const stored = (value: number, low: number, high: number) =>
    Math.min(Math.max(Math.round(65535 * (value - low) / (high - low)), 0), 65535);
  return [stored(116 * y - 16, 0, 100), stored(500 * (x - y), -128, 127), stored(200 * (y - z), -128, 127)];
}
