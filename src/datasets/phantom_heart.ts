import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import type { Volume } from "../imaging/volume.ts";
import { Random } from "../random.ts";
import { CMR_LABELLING } from "./cmr.ts";
import { noise, type PhantomOptions, share, SlowNoise, softened } from "../phantom/scan.ts";

/** Width of a slice in mm, whatever its number of voxels. */
const FIELD_MM = 300;

/** Sub-slices that a slice is the mean of: partial volume along the long axis. */
const SUBSLICES = 3;

const [, MYOCARDIUM, POOL, RIGHT] = CMR_LABELLING.values;

/** A closed curve around a centre: an ellipse with waves. Lengths in mm, x to the image's right, y down. */
interface Outline {
  centre: [x: number, y: number];
  radii: [x: number, y: number];
  /** Rotation in radians. */
  angle: number;
  /** Waves of the outline: amplitude as a share of the radius, and phase, for 2, 3 and 4 waves. */
  waves: [amplitude: number, phase: number][];
}

/** What is drawn of a patient; intensities have no unit, as in MR. */
interface Patient {
  body: Outline;
  lungs: Outline[];
  liver: Outline;
  spine: Outline;
  aorta: Outline;
  /** Left ventricle at its base: outer wall; `wall` is its thickness in mm. */
  left: Outline & { wall: number };
  /** Right ventricle at its base; the left one covers a part of it. */
  right: Outline;
  /** Papillary muscles by place in the left ventricle, as shares of its radius. */
  papillary: [x: number, y: number, radius: number][];
  /** Height of the first slice and of the last, 0 at the apex and 1 at the base. */
  heights: [first: number, last: number];
  intensity: Record<"fat" | "muscle" | "lung" | "liver" | "blood" | "myocardium" | "bone", number>;
  /** Standard deviation of the noise. */
  noise: number;
  /** Brightness falls off from the coil: by this share across the slice, in this direction. */
  shading: { share: number; angle: number };
  sliceMm: number;
}

function drawPatient(random: Random): Patient {
  const between = (low: number, high: number) => random.uniform(low, high);
  const outline = (x: number, y: number, rx: number, ry: number, vary = 1): Outline => ({
    centre: [x + 5 * vary * random.normal(), y + 5 * vary * random.normal()],
    radii: [rx * Math.exp(0.1 * vary * random.normal()), ry * Math.exp(0.1 * vary * random.normal())],
    angle: 0.25 * vary * random.normal(),
    waves: [0.06, 0.04, 0.02].map((amplitude) => [amplitude * vary * random.normal(), between(0, 2 * Math.PI)]),
  });
  const body = outline(0, 0, 135, 98, 0.4);
  const left = outline(24, -6, 36, 35);
  const [x, y] = left.centre, towards = between(2.6, 3.5); // where the right ventricle lies, seen from the left one
  const distance = between(27, 35);
  const right: Outline = {
    ...outline(x + distance * Math.cos(towards), y + distance * Math.sin(towards), 31, 40, 0.6),
    angle: towards - Math.PI + between(-0.2, 0.2),
  };
  const blood = between(215, 265);
  return {
    body,
    lungs: [outline(-72, 4, 44, 62), outline(82, 12, 36, 58)],
    liver: outline(-62, 58, 62, 34),
    spine: outline(-4, 74, 17, 15, 0.6),
    aorta: outline(22, 60, 10, 10, 0.6),
    left: { ...left, wall: between(8, 13) },
    right,
    papillary: [[between(-0.5, -0.3), between(0.3, 0.5), 0.2], [between(0.3, 0.5), between(0.25, 0.5), 0.22]],
    heights: [between(-0.08, 0.06), between(0.94, 1.1)],
    intensity: {
      fat: between(170, 210),
      muscle: between(65, 90),
      lung: between(12, 26),
      liver: between(95, 135),
      blood,
      myocardium: blood * between(0.34, 0.48),
      bone: between(95, 140),
    },
    noise: between(6, 11),
    shading: { share: between(0.15, 0.4), angle: between(0, 2 * Math.PI) },
    sliceMm: between(8, 10),
  };
}

/** Distance in mm from a point to an outline, near enough; positive inside. */
function depth({ centre, radii, angle, waves }: Outline, x: number, y: number, scale = 1, less = 0): number {
  const dx = x - centre[0], dy = y - centre[1];
  const cos = Math.cos(angle), sin = Math.sin(angle);
  const rx = radii[0] * scale - less, ry = radii[1] * scale - less;
  if (rx <= 0 || ry <= 0) return -Infinity;
  const u = (cos * dx + sin * dy) / rx, v = (cos * dy - sin * dx) / ry;
  const radius = Math.sqrt(u * u + v * v);
  if (radius < 0.6 || radius > 1.4) return (1 - radius) * Math.min(rx, ry); // far from the edge waves do not matter
  const theta = Math.atan2(v, u);
  const wave = waves.reduce((sum, [amplitude, phase], k) => sum + amplitude * Math.cos((k + 2) * theta + phase), 1);
  return (wave - radius) * Math.min(rx, ry);
}

/** Width of a ventricle at a height as a share of that at its base: half an ellipsoid that begins at `apex`. */
function taper(height: number, apex: number): number {
  const along = Math.min((height - apex) / (0.75 - apex), 1);
  return along <= 0 ? 0 : Math.sqrt(1 - (1 - along) ** 2);
}

/** Paints a section, without noise. The heart has labels from its apex to its base; beyond the base lie the atria. */
function paintSection(
  plane: Float32Array,
  labels: Uint16Array,
  patient: Patient,
  { height, size }: { height: number; size: number },
): void {
  const mm = FIELD_MM / size;
  const { intensity, left, right } = patient;
  const isHeart = height <= 1;
  const outer = taper(height, 0), inner = taper(height, 0.12), beside = taper(height, 0.2);
  for (let row = 0, i = 0; row < size; row++) {
    for (let column = 0; column < size; column++, i++) {
      const x = (column + 0.5 - size / 2) * mm, y = (row + 0.5 - size / 2) * mm;
      let value = 2, label = 0;
      const paint = (distance: number, to: number, as?: number) => {
        const covered = share(distance / mm);
        value += (to - value) * covered;
        if (as !== undefined && covered > 0.5) label = as;
      };
      const body = depth(patient.body, x, y);
      paint(body, intensity.fat);
      if (body > 0) {
        paint(body - 12, intensity.muscle);
        for (const lung of patient.lungs) paint(Math.min(depth(lung, x, y), body - 20), intensity.lung);
        if (height < 0.6) paint(Math.min(depth(patient.liver, x, y, 1.15 - 0.9 * height), body - 18), intensity.liver);
        paint(depth(patient.spine, x, y), intensity.bone);
        paint(depth(patient.aorta, x, y), intensity.blood);
        if (beside > 0) {
          paint(depth(right, x, y, beside) + 3, intensity.myocardium, isHeart ? 0 : undefined);
          paint(depth(right, x, y, beside), intensity.blood, isHeart ? RIGHT : undefined);
        }
        if (outer > 0) paint(depth(left, x, y, outer), intensity.myocardium, isHeart ? MYOCARDIUM : 0);
        if (inner > 0) {
          const pool = depth(left, x, y, inner, left.wall);
          paint(pool, intensity.blood, isHeart ? POOL : 0);
          for (const [px, py, radius] of patient.papillary) { // muscle that counts as a part of the pool
            const r = Math.min(...left.radii) * inner;
            const distance = radius * r - Math.hypot(x - left.centre[0] - px * r, y - left.centre[1] - py * r);
            if (height > 0.3 && height < 0.75) paint(Math.min(distance, pool), intensity.myocardium);
          }
        }
      }
      plane[i] = value;
      labels[i] = label;
    }
  }
}

/** A synthetic short-axis stack of the heart and its labels, 200, 500 and 600; deterministic by seed and number. */
export function heartCase(
  number: number,
  { size, slices, seed }: Omit<PhantomOptions, "cases">,
): { image: Volume; label: Volume } {
  const random = new Random(seed, "phantom heart", number);
  const patient = drawPatient(random);
  const texture = new SlowNoise(new Random(seed, "phantom heart texture", number));
  const image = new Int16Array(size * size * slices), label = new Int16Array(image.length);
  const plane = new Float32Array(size * size), total = new Float32Array(size * size);
  const labels = new Uint16Array(size * size);
  const { heights: [first, last], shading } = patient;
  for (let z = 0; z < slices; z++) {
    total.fill(0);
    for (let k = 0; k < SUBSLICES; k++) {
      const height = first + (last - first) * (z + (k + 0.5) / SUBSLICES) / slices;
      paintSection(plane, labels, patient, { height, size });
      for (let i = 0; i < plane.length; i++) total[i] += plane[i] / SUBSLICES;
      if (k === 1) label.set(labels, z * plane.length); // the middle of the slice
    }
    // the magnitude of a complex signal: noise in both parts
    const real = softened(noise(random, size), size), imaginary = softened(noise(random, size), size);
    for (let i = 0; i < plane.length; i++) {
      const x = (i % size + 0.5) / size, y = (Math.floor(i / size) + 0.5) / size;
      const fall = (x - 0.5) * Math.cos(shading.angle) + (y - 0.5) * Math.sin(shading.angle);
      const signal = total[i] * (1 + shading.share * fall) * (1 + 0.03 * texture.at(x, y, z / slices));
      image[z * plane.length + i] = Math.round(
        Math.hypot(signal + patient.noise * real[i], patient.noise * imaginary[i]),
      );
    }
  }
  const inPlane = Math.fround(FIELD_MM / size), between = Math.fround(patient.sliceMm), half = FIELD_MM / 2;
  const affine = [-inPlane, 0, 0, half, 0, -inPlane, 0, half, 0, 0, between, 0, 0, 0, 0, 1];
  const volume = (data: Int16Array<ArrayBuffer>): Volume => (
    { data, size: [size, size, slices], spacing: [inPlane, inPlane, between], affine: [...affine] }
  );
  return { image: volume(image), label: volume(label) };
}

/** Writes a cohort in the layout of MS-CMRSeg 2019, patients numbered from 1. */
export async function writeHearts(
  dir: string,
  options: PhantomOptions,
  onCase: (done: number) => void = () => {},
): Promise<void> {
  for (const folder of ["c0t2lge", "c0gt"]) await mkdir(join(dir, folder), { recursive: true });
  for (let number = 1; number <= options.cases; number++) {
    const { image, label } = heartCase(number, options);
    await writeNifti(join(dir, `c0t2lge/patient${number}_C0.nii.gz`), image);
    await writeNifti(join(dir, `c0gt/patient${number}_C0_manual.nii.gz`), label);
    onCase(number);
  }
}
