// @ts-types="./d3_contour.d.ts"
import { contours } from "d3-contour";

/**
 * The outline of a mask as the path of an SVG: between the pixels, corners cut, in pixels from the slice's top left edge.
 *
 * @param mask `[height, width]`, anything but 0 is in it
 * @returns the data of a path; empty for an empty mask
 */
export function outlinePath(mask: ArrayLike<number>, width: number): string {
  const box = boundingBox(mask, width);
  if (!box) return "";
  // contours are found in the box of the mask alone, with a frame of one empty pixel
  const w = box.right - box.left + 3, h = box.bottom - box.top + 3;
  const values = new Array<number>(w * h).fill(0);
  for (let y = box.top; y <= box.bottom; y++) {
    for (let x = box.left; x <= box.right; x++) {
      if (mask[y * width + x] !== 0) values[(y - box.top + 1) * w + (x - box.left + 1)] = 1;
    }
  }
  const [{ coordinates }] = contours().size([w, h]).thresholds([0.5])(values);
  const path: string[] = [];
  for (const polygon of coordinates) {
    for (const ring of polygon) path.push(ringPath(ring, box.left - 1, box.top - 1));
  }
  return path.join("");
}

/** A closed line, with relative steps: coordinates are multiples of a half, so nothing is lost. */
function ringPath(ring: readonly (readonly [x: number, y: number])[], left: number, top: number): string {
  let [x, y] = ring[0];
  let path = `M${x + left} ${y + top}`, lastX = NaN, lastY = NaN;
  for (let i = 1; i < ring.length - 1; i++) {
    const [dx, dy] = [ring[i][0] - x, ring[i][1] - y];
    const [nextX, nextY] = ring[i + 1];
    // points within a straight line are left out
    if ((nextX - ring[i][0]) * dy === (nextY - ring[i][1]) * dx) continue;
    path += `l${short(dx)} ${short(dy)}`.replace(" -", "-");
    [x, y] = ring[i];
    [lastX, lastY] = [dx, dy];
  }
  return Number.isNaN(lastX + lastY) ? "" : `${path}z`;
}

const short = (value: number) => String(value).replace(/^(-?)0\./, "$1.");

/** The smallest box that holds a mask, edges included; `undefined` for an empty one. */
export function boundingBox(
  mask: ArrayLike<number>,
  width: number,
): { left: number; right: number; top: number; bottom: number } | undefined {
  let left = width, right = -1, top = Infinity, bottom = -1;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const x = i % width, y = Math.floor(i / width);
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    bottom = y;
  }
  return bottom < 0 ? undefined : { left, right, top, bottom };
}
