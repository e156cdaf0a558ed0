import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeDicom } from "../imaging/io/dicom_writer.ts";
import { writeGreyPng } from "../imaging/files/png_file.ts";
import type { Triple } from "../imaging/volume.ts";
import { Random } from "../random.ts";
import { CHAOST2_GREY_LEVELS, CHAOST2_IDS } from "./chaost2_classes.ts";
import { noise, paintSlices, type PhantomOptions, SlowNoise, softened, type Tissues } from "../phantom/scan.ts";
import { drawPatient, type Patient } from "../phantom/anatomy.ts";

/** Signal of a T2-weighted image with suppressed fat by intensity in CT: fat and vessels with flow are dark, fluid is bright. */
const SIGNAL: readonly (readonly [hu: number, signal: number])[] = [
  [-1000, 3],
  [-300, 8],
  [-100, 70],
  [0, 620],
  [45, 240],
  [58, 115],
  [80, 150],
  [100, 90],
  [150, 60],
  [260, 30],
];

const MR_TISSUES: Tissues = { air: 3, fat: 70, muscle: 115, visceralFat: 80 };

/** Label of CHAOST2 by that of SABS. */
const LABELS = new Map([[6, 1], [2, 2], [3, 3], [1, 4]]);

/** Stored units per unit of signal: pixels have 12 bits. */
const GAIN = 3;

/** Width of a slice in mm, and height of the body that all slices together show. */
const FIELD_MM = { narrow: 310, wide: 390 }, HEIGHT_MM = { low: 175, high: 235 };

/** One slice of a series, as it is written. */
interface MrSlice {
  pixels: Uint16Array;
  grey: Uint8Array;
}

/** A synthetic MR series. */
interface MrSeries {
  /** From the feet to the head. */
  slices: MrSlice[];
  /** Width of a slice in mm. */
  fieldMm: number;
  /** Distance of slices in mm. */
  sliceMm: number;
  /** Turn about the patient's left-right and head-foot axes in radians. */
  tilt: [number, number];
  /** Whether the files are numbered from head to foot. */
  reversed: boolean;
}

/** Contrast of the same anatomy in MR: organs get signals of their own, all else follows {@link SIGNAL}. */
function asMr(patient: Patient, random: Random): Patient {
  const between = (low: number, high: number) => random.uniform(low, high);
  const liver = between(180, 240), spleen = between(360, 460), cortex = between(430, 520), fluid = between(250, 650);
  const organs: Record<number, { outer: number; inner: number }> = {
    1: { outer: spleen, inner: spleen },
    2: { outer: cortex, inner: cortex + between(40, 120) },
    3: { outer: cortex, inner: cortex + between(40, 120) },
    6: { outer: liver, inner: liver },
    7: { outer: 130, inner: fluid },
    8: { outer: 40, inner: 40 },
  };
  const shapes = patient.shapes.map((shape) => {
    const { outer, inner, innerShare } = shape.intensity;
    const own = organs[shape.label] ?? { outer: signalOf(outer), inner: signalOf(inner) };
    return { ...shape, texture: 2 * shape.texture, intensity: { ...own, innerShare } };
  });
  return { ...patient, shapes };
}

function signalOf(hu: number): number {
  const next = SIGNAL.findIndex(([x]) => x > hu);
  if (next <= 0) return SIGNAL.at(next)![1];
  const [[x0, y0], [x1, y1]] = [SIGNAL[next - 1], SIGNAL[next]];
  return y0 + (y1 - y0) * (hu - x0) / (x1 - x0);
}

/** A synthetic abdominal MR series and its ground truth; deterministic by seed and number. */
function mrSeries(number: number, { size, slices, seed }: PhantomOptions): MrSeries {
  const random = new Random(seed, "phantom", number);
  const anatomy = drawPatient(random);
  const contrast = new Random(seed, "phantom MR", number);
  const patient = asMr(anatomy, contrast);
  const texture = new SlowNoise(new Random(seed, "phantom texture", number));
  const shading = { share: contrast.uniform(0.1, 0.3), angle: contrast.uniform(0, 2 * Math.PI) };
  const result: MrSlice[] = [];
  paintSlices(patient, { size, slices, texture, tissues: MR_TISSUES }, (_, plane, labels) => {
    // the magnitude of a complex signal: noise in both parts
    const [real, imaginary] = [softened(noise(random, size), size), softened(noise(random, size), size)];
    const pixels = new Uint16Array(plane.length);
    for (let i = 0; i < plane.length; i++) {
      const x = (i % size + 0.5) / size - 0.5, y = (Math.floor(i / size) + 0.5) / size - 0.5;
      const bright = 1 + shading.share * (x * Math.cos(shading.angle) + y * Math.sin(shading.angle));
      const value = GAIN *
        Math.hypot(plane[i] * bright + anatomy.noise * real[i], anatomy.noise * imaginary[i]);
      pixels[i] = Math.min(Math.round(value), 4095);
    }
    result.push({ pixels, grey: labels.map((label) => CHAOST2_GREY_LEVELS[LABELS.get(label) ?? 0]) });
  });
  const tilted = contrast.chance(0.5);
  const angle = () => tilted ? contrast.uniform(-0.1, 0.1) : 0;
  return {
    slices: result,
    fieldMm: contrast.uniform(FIELD_MM.narrow, FIELD_MM.wide),
    sliceMm: contrast.uniform(HEIGHT_MM.low, HEIGHT_MM.high) / slices,
    tilt: [angle(), angle()],
    reversed: contrast.chance(0.25),
  };
}

/** Case ids of a cohort: the first ones of CHAOST2. */
export function mrPhantomIds(cases: number): string[] {
  return CHAOST2_IDS.slice(0, cases);
}

/** Writes a cohort in the raw layout of CHAOS: uncompressed DICOM, and PNG ground truth. */
export async function writeMrPhantom(
  dir: string,
  options: PhantomOptions,
  onCase: (done: number) => void = () => {},
): Promise<void> {
  for (const [i, id] of mrPhantomIds(options.cases).entries()) {
    await writeSeries(join(dir, "Train_Sets/MR", id, "T2SPIR"), mrSeries(i, options), {
      size: options.size,
      prefix: `IMG-${String(2 + i % 7).padStart(4, "0")}`, // differs between the cases of CHAOS, too
      key: `phantom ${options.seed} ${options.size} ${options.slices} ${id}`,
    });
    onCase(i + 1);
  }
}

async function writeSeries(
  dir: string,
  { slices, fieldMm, sliceMm, tilt: [pitch, yaw], reversed }: MrSeries,
  { size, prefix, key }: { size: number; prefix: string; key: string },
): Promise<void> {
  for (const folder of ["DICOM_anon", "Ground"]) await mkdir(join(dir, folder), { recursive: true });
  const rowCosine: Triple = [Math.cos(yaw), Math.sin(yaw), 0];
  const columnCosine: Triple = [-Math.sin(yaw) * Math.cos(pitch), Math.cos(yaw) * Math.cos(pitch), Math.sin(pitch)];
  const normal: Triple = [Math.sin(yaw) * Math.sin(pitch), -Math.cos(yaw) * Math.sin(pitch), Math.cos(pitch)];
  const pixelMm = fieldMm / size, edge = pixelMm * (size - 1) / 2;
  for (const [z, { pixels, grey }] of slices.entries()) {
    const height = sliceMm * (z - (slices.length - 1) / 2);
    const instance = reversed ? slices.length - z : z + 1;
    const name = `${prefix}-${String(instance).padStart(5, "0")}`;
    const bytes = encodeDicom({
      pixels,
      rows: size,
      columns: size,
      position: normal.map((n, k) => n * height - edge * (rowCosine[k] + columnCosine[k])) as Triple,
      rowCosine,
      columnCosine,
      pixelSpacing: [pixelMm, pixelMm],
      slice: { spacing: sliceMm, thickness: 0.9 * sliceMm },
      instance,
      patient: "ANON",
      description: "T2_SPIR",
      seriesKey: key,
    });
    await writeFile(join(dir, "DICOM_anon", `${name}.dcm`), bytes);
    await writeGreyPng(join(dir, "Ground", `${name}.png`), { width: size, height: size, data: grey });
  }
}
