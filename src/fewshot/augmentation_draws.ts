import type { Random } from "../random.ts";

/** Which slice of an episode a transformation hits: as published always exactly one of the two. */
export type Side = "support" | "query";

/** Sizes of the augmentation at one image side. */
export interface AugmentationOptions {
  /** Largest shift in pixels; published 5. */
  shift: number;
  /** Amplitude of the elastic displacement in pixels; published 10. */
  amplitude: number;
  /** Sigma of its Gaussian in pixels; published 5. */
  sigma: number;
}

/** Draws of an affine map (docs/reference/preprocessing.md, 11.2). */
export interface AffineDraws {
  /** Degrees. */
  rotate: number;
  /** Pixels. */
  shiftX: number;
  /** Pixels. */
  shiftY: number;
  /** Degrees. */
  shear: number;
  /** Factor. */
  zoom: number;
}

/** All draws of one episode. */
export interface AugmentationDraws {
  /** Where and how the intensity curve applies. */
  gamma: { side: Side; exponent: number };
  /** Where and how the geometry changes. */
  geometry: { side: Side; affine: AffineDraws; noiseKeys: readonly [number, number] };
}

/** Draws the augmentation of an episode, in published order. */
export function drawAugmentation(random: Random, { shift }: AugmentationOptions): AugmentationDraws {
  const gamma = { side: side(random), exponent: random.uniform(0.5, 1.5) };
  const geometrySide = side(random);
  const affine = {
    rotate: random.uniform(-5, 5),
    shiftX: random.uniform(-shift, shift),
    shiftY: random.uniform(-shift, shift),
    shear: random.uniform(-5, 5),
    zoom: random.uniform(0.9, 1.2),
  };
  return { gamma, geometry: { side: geometrySide, affine, noiseKeys: [random.uint32(), random.uint32()] } };
}

function side(random: Random): Side {
  return random.chance(0.5) ? "query" : "support";
}

/** Six numbers of a 2 × 3 matrix, row by row. */
export type Matrix = readonly [number, number, number, number, number, number];

/**
 * Source pixel (x, y) to output pixel: rotation, shift, shear, zoom, in this order; float32
 * (docs/reference/preprocessing.md, 11.2).
 */
export function affineMatrix(
  { rotate, shiftX, shiftY, shear, zoom }: AffineDraws,
  height: number,
  width: number,
): Matrix {
  const about = (degrees: number, factor: number): Matrix => {
    // the x centre is made from the height and only y is floored, as published
    const centreX = height / 2, centreY = Math.floor(width / 2);
    const a = factor * Math.cos(degrees * Math.PI / 180), b = factor * Math.sin(degrees * Math.PI / 180);
    return [a, b, (1 - a) * centreX - b * centreY, -b, a, b * centreX + (1 - a) * centreY];
  };
  const theta = Math.PI * shear / 180;
  const slant: Matrix = [1, -Math.sin(theta), 0, 0, Math.cos(theta), 0];
  const product = [slant, [1, 0, shiftX, 0, 1, shiftY] as Matrix, about(rotate, 1)].reduce(multiply, about(0, zoom));
  return product.map(Math.fround) as unknown as Matrix;
}

function multiply(m: Matrix, n: Matrix): Matrix {
  const row = (a: number, b: number, t: number): [number, number, number] => [
    a * n[0] + b * n[3],
    a * n[1] + b * n[4],
    a * n[2] + b * n[5] + t,
  ];
  return [...row(m[0], m[1], m[2]), ...row(m[3], m[4], m[5])];
}

/** The inverse map, from output to source pixels, float64. */
export function inverseMatrix([a, b, tx, c, d, ty]: Matrix): Matrix {
  const scale = 1 / (a * d - b * c);
  const [p, q, r, s] = [d * scale, -b * scale, -c * scale, a * scale];
  return [p, q, -p * tx - q * ty, r, s, -r * tx - s * ty];
}
