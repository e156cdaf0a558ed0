import { anatomicalAxes, type AnatomicalAxis, type Grid } from "../../imaging/geometry.ts";

/** How a slice is shown: radiological convention, the patient's right on the left, anterior or the head on top. */
export interface SliceView {
  /** Pixels in a shown row. */
  width: number;
  /** Shown rows. */
  height: number;
  /** Width of a pixel over its height, in mm. */
  pixelAspect: number;
  /** Whether the volume's y runs along the rows. */
  transposed: boolean;
  /** Whether shown columns run against the volume's axis. */
  flipColumns: boolean;
  /** Whether shown rows run against the volume's axis. */
  flipRows: boolean;
  /** Letters of what lies at the edges: R, L, A, P, S or I; empty for a picture without a patient. */
  edges: { left: string; right: string; top: string; bottom: string };
}

/**
 * What lies at the two ends of each anatomical axis, the one that it is counted from first. Shown are all from the second end
 * to the first: from right to left, from anterior to posterior, from head to foot.
 */
const LETTERS = ["LR", "PA", "IS"];

/**
 * The view of a volume's slices along z. A picture without a patient, a single slice that counts to the right and downwards as
 * our PNG reader has it, is shown as it is stored.
 */
export function sliceView({ size, spacing, affine }: Grid): SliceView {
  const [x, y, z] = anatomicalAxes(affine);
  const isPicture = size[2] === 1 && x.axis === 0 && y.axis === 1 && !x.flipped && y.flipped && z.axis === 2;
  // left–right lies in the rows, foot–head in the columns
  const transposed = x.axis === 2 || y.axis === 0;
  const [across, down] = transposed ? [y, x] : [x, y];
  const [width, height] = transposed ? [size[1], size[0]] : [size[0], size[1]];
  const [acrossMm, downMm] = transposed ? [spacing[1], spacing[0]] : [spacing[0], spacing[1]];
  const flipColumns = !across.flipped && !isPicture, flipRows = !down.flipped;
  const ends = ({ axis, flipped }: AnatomicalAxis, turned: boolean) => {
    const [first, second] = isPicture ? ["", ""] : LETTERS[axis];
    return flipped === turned ? [first, second] : [second, first];
  };
  const [left, right] = ends(across, flipColumns), [top, bottom] = ends(down, flipRows);
  return {
    ...{ width, height, transposed, flipColumns, flipRows },
    pixelAspect: acrossMm / downMm,
    edges: { left, right, top, bottom },
  };
}

/** A slice as it is shown, row by row from the top. */
export function shownSlice<T extends Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
  data: T,
  { size: [nx, ny] }: Pick<Grid, "size">,
  z: number,
  { width, height, transposed, flipColumns, flipRows }: SliceView,
): T {
  const result = data.slice(0, width * height) as T;
  const [stepAcross, stepDown] = transposed ? [nx, 1] : [1, nx];
  const first = z * nx * ny + (flipColumns ? (width - 1) * stepAcross : 0) + (flipRows ? (height - 1) * stepDown : 0);
  const across = flipColumns ? -stepAcross : stepAcross, down = flipRows ? -stepDown : stepDown;
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) result[i] = data[first + column * across + row * down];
  }
  return result;
}
