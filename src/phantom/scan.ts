import type { Volume } from "../imaging/volume.ts";
import { type Frame, frameAsStored } from "../imaging/cohort.ts";
import { Random } from "../random.ts";
import { drawPatient, type Patient, type Shape } from "./anatomy.ts";

/** Size of a synthetic cohort. */
export interface PhantomOptions {
  /** Number of cases. */
  cases: number;
  /** Side of a slice in voxels. */
  size: number;
  /** Slices of a case. */
  slices: number;
  /** Names one cohort. */
  seed: number;
}

/** Intensities of a body without organs. */
export interface Tissues {
  /** Around the body. */
  air: number;
  /** Under the skin. */
  fat: number;
  /** Below the fat. */
  muscle: number;
  /** Between the organs. */
  visceralFat: number;
}

const CT_TISSUES: Tissues = { air: -1000, fat: -100, muscle: 55, visceralFat: -95 };

/** Sub-slices that a slice is the mean of: partial volume along z. */
const SUBSLICES = 3;

/** A synthetic abdominal CT in HU and its labels, by SABS numbers; deterministic by seed and number. */
export function phantomCase(number: number, { size, slices, seed }: PhantomOptions): { image: Volume; label: Volume } {
  const random = new Random(seed, "phantom", number);
  const patient = drawPatient(random);
  const image = new Int16Array(size * size * slices), label = new Uint8Array(image.length);
  const texture = new SlowNoise(new Random(seed, "phantom texture", number));
  paintSlices(patient, { size, slices, texture, tissues: CT_TISSUES }, (z, plane, labels) => {
    label.set(labels, z * plane.length);
    const noisy = softened(noise(random, size), size);
    for (let i = 0; i < plane.length; i++) {
      image[z * plane.length + i] = Math.round(plane[i] + patient.noise * noisy[i]);
    }
  });
  const [inPlane, , between] = patient.spacing.map(Math.fround);
  const affine = phantomAffine(inPlane, between, inPlane * size / 2);
  const grid = { size: [size, size, slices], spacing: [inPlane, inPlane, between], affine } as const;
  return {
    image: { ...grid, data: image, size: [...grid.size], spacing: [...grid.spacing] },
    label: { ...grid, data: label, size: [...grid.size], spacing: [...grid.spacing] },
  };
}

/**
 * Paints a patient slice by slice from the feet, without noise: column 0 is the patient's right, row 0 the front.
 *
 * @param visit gets intensities and labels (those of the middle of the slice) of slice z, which it may not keep
 */
export function paintSlices(
  patient: Patient,
  { size, slices, texture, tissues }: { size: number; slices: number; texture: SlowNoise; tissues: Tissues },
  visit: (z: number, plane: Float32Array, labels: Uint8Array) => void,
): void {
  const plane = new Float32Array(size * size), total = new Float32Array(size * size);
  const labels = new Uint8Array(size * size), middle = new Uint8Array(size * size);
  for (let z = 0; z < slices; z++) {
    total.fill(0);
    for (let k = 0; k < SUBSLICES; k++) {
      const height = (z + (k + 0.5) / SUBSLICES) / slices;
      labels.fill(0);
      paintBody(plane, patient, { size, tissues });
      for (const shape of patient.shapes) paintShape(plane, labels, shape, { patient, size, height, texture });
      for (let i = 0; i < plane.length; i++) total[i] += plane[i] / SUBSLICES;
      if (k === 1) middle.set(labels);
    }
    visit(z, total, middle);
  }
}

function paintBody(
  plane: Float32Array,
  { body, centre, wall }: Patient,
  { size, tissues }: { size: number; tissues: Tissues },
): void {
  const half = size / 2;
  for (let row = 0, i = 0; row < size; row++) {
    for (let column = 0; column < size; column++, i++) {
      const x = ((column + 0.5) / half - 1 - centre[0]) / body[0], y = ((row + 0.5) / half - 1 - centre[1]) / body[1];
      const radius = (Math.abs(x) ** 2.4 + Math.abs(y) ** 2.4) ** (1 / 2.4);
      const edge = (limit: number) => share((limit - radius) * half * body[1]);
      let value = tissues.air;
      value += (tissues.fat - value) * edge(1);
      value += (tissues.muscle - value) * edge(1 - wall.fat);
      value += (tissues.visceralFat - value) * edge(1 - wall.fat - wall.muscle);
      plane[i] = value;
    }
  }
}

interface Painting {
  patient: Patient;
  size: number;
  height: number;
  texture: SlowNoise;
}

/** Paints the section of a shape at a height, with an edge one voxel wide. */
function paintShape(
  plane: Float32Array,
  labels: Uint8Array,
  shape: Shape,
  { patient, size, height, texture }: Painting,
): void {
  const { centre, radii, angle, waves, intensity } = shape;
  const dz = (height - centre[2]) / radii[2];
  if (Math.abs(dz) >= 1) return;
  const section = Math.sqrt(1 - dz * dz);
  const inside = 1 - patient.wall.fat - patient.wall.muscle;
  const half = size / 2;
  const cx = patient.centre[0] + centre[0] * inside * patient.body[0];
  const cy = patient.centre[1] + centre[1] * inside * patient.body[1];
  const rx = radii[0] * patient.body[0] * section, ry = radii[1] * patient.body[1] * section;
  const reach = 1.6 * Math.max(rx, ry);
  const first = (c: number) => Math.max(0, Math.floor((c - reach + 1) * half));
  const last = (c: number) => Math.min(size - 1, Math.ceil((c + reach + 1) * half));
  const cos = Math.cos(angle), sin = Math.sin(angle);
  for (let row = first(cy); row <= last(cy); row++) {
    for (let column = first(cx); column <= last(cx); column++) {
      const x = (column + 0.5) / half - 1 - cx, y = (row + 0.5) / half - 1 - cy;
      const u = (cos * x + sin * y) / rx, v = (cos * y - sin * x) / ry;
      const theta = Math.atan2(v, u);
      let outline = 1;
      for (let k = 0; k < waves.length; k++) {
        outline += waves[k][0] * Math.cos((k + 2) * theta + waves[k][1] + waves[k][2] * dz);
      }
      const radius = Math.hypot(u, v) / Math.max(outline, 0.4);
      const covered = share((1 - radius) * Math.min(rx, ry) * half);
      if (covered === 0) continue;
      // nothing reaches into the wall of the body
      const bodyX = (x + cx - patient.centre[0]) / patient.body[0],
        bodyY = (y + cy - patient.centre[1]) / patient.body[1];
      const place = (Math.abs(bodyX) ** 2.4 + Math.abs(bodyY) ** 2.4) ** (1 / 2.4);
      const weight = covered *
        share((1 - patient.wall.fat - 0.5 * patient.wall.muscle - place) * half * patient.body[1]);
      if (weight === 0) continue;
      const core = share((intensity.innerShare - radius) * Math.min(rx, ry) * half * 0.5);
      const value = intensity.outer + (intensity.inner - intensity.outer) * core +
        shape.texture * texture.at(column / size, row / size, height);
      const i = row * size + column;
      plane[i] += (value - plane[i]) * weight;
      if (weight > 0.5) labels[i] = shape.label;
    }
  }
}

/** Share of a voxel inside of an edge that lies `distance` voxels away. */
export function share(distance: number): number {
  return Math.min(Math.max(distance + 0.5, 0), 1);
}

/** A smooth random function: a sum of waves. */
export class SlowNoise {
  readonly #waves: [number, number, number, number][];

  /** Draws the waves. */
  constructor(random: Random) {
    this.#waves = Array.from({ length: 9 }, () => {
      const frequency = () => 2 * Math.PI * random.uniform(3, 14) * (random.chance(0.5) ? 1 : -1);
      return [frequency(), frequency(), frequency() / 3, random.uniform(0, 2 * Math.PI)];
    });
  }

  /** About standard deviation 1. */
  at(x: number, y: number, z: number): number {
    let total = 0;
    for (const [a, b, c, phase] of this.#waves) total += Math.sin(a * x + b * y + c * z + phase);
    return total * 0.47;
  }
}

/** Noise of unit deviation, near enough to normal: the sum of four random bytes. */
export function noise(random: Random, size: number): Float32Array {
  return Float32Array.from({ length: size * size }, () => {
    const bits = random.uint32();
    return ((bits & 255) + (bits >>> 8 & 255) + (bits >>> 16 & 255) + (bits >>> 24) - 510) / 147.8;
  });
}

/** Noise as a scanner's reconstruction leaves it: neighbours are alike. Unit deviation. */
export function softened(values: Float32Array, size: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const at = (dr: number, dc: number) =>
        values[Math.min(Math.max(row + dr, 0), size - 1) * size + Math.min(Math.max(column + dc, 0), size - 1)];
      const sum = at(0, 0) + 0.6 * (at(0, 1) + at(1, 0) + at(0, -1) + at(-1, 0));
      result[row * size + column] = sum / Math.sqrt(1 + 4 * 0.36);
    }
  }
  return result;
}

/** The grid of a phantom: x runs to the left and y to the back, so that a slice lies in memory as radiologists look at it. */
function phantomAffine(inPlane: number, between: number, origin: number): number[] {
  return [-inPlane, 0, 0, origin, 0, -inPlane, 0, origin, 0, 0, between, 0, 0, 0, 0, 1];
}

/** How the axes of a phantom run, whatever its spacing. */
export const PHANTOM_FRAME: Frame = frameAsStored({ affine: phantomAffine(1, 1, 0) });
