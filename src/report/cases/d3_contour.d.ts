// What we use of d3-contour 4.0.3, which brings no types of its own.

interface Contours {
  size(size: [width: number, height: number]): Contours;
  thresholds(values: readonly number[]): Contours;
  (values: ArrayLike<number>): {
    value: number;
    /** Polygons of rings of points, the first ring the outer one. */
    coordinates: [x: number, y: number][][][];
  }[];
}

export function contours(): Contours;
