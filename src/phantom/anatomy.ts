import type { Random } from "../random.ts";

/**
 * A closed shape in a patient's coordinates: x from right to left, y from front to back, both −1..1 across the body, z from
 * feet to head, 0..1.
 */
export interface Shape {
  /** Label value of SABS, 0 for what is not labelled. */
  label: number;
  /** Centre. */
  centre: [x: number, y: number, z: number];
  /** Half axes. */
  radii: [x: number, y: number, z: number];
  /** Rotation in the slice in radians. */
  angle: number;
  /** Waves of the outline: amplitude, phase, and how the phase turns along z, for 2, 3, 4 and 5 waves. */
  waves: [amplitude: number, phase: number, turn: number][];
  /** Intensity in HU at the surface and in the middle. */
  intensity: { outer: number; inner: number; innerShare: number };
  /** Amplitude in HU of slow variations inside. */
  texture: number;
}

/** One synthetic patient. */
export interface Patient {
  /** Half axes of the body as shares of half the field of view. */
  body: [x: number, y: number];
  /** Centre of the body, likewise. */
  centre: [x: number, y: number];
  /** Thickness of the fat under the skin and of the muscle below it, shares of the half axes. */
  wall: { fat: number; muscle: number };
  /** What lies in the body; later shapes cover earlier ones. */
  shapes: Shape[];
  /** Voxel spacing in mm. */
  spacing: [number, number, number];
  /** Standard deviation of the noise in HU. */
  noise: number;
}

interface Organ {
  label: number;
  at: [number, number, number];
  size: [number, number, number];
  outer: number;
  inner?: number;
  innerShare?: number;
  shift?: number;
}

const BOWEL_LOOPS = 26;

/** Draws a patient: place, shape, size and contrast of every organ vary, smoothly and strongly. */
export function drawPatient(random: Random): Patient {
  const between = (low: number, high: number) => random.uniform(low, high);
  const phase = random.uniform(); // of the contrast medium
  const mix = (early: number, late: number) => early + (late - early) * phase + 6 * random.normal();
  const stretch = between(0.82, 1.12);

  const shapeOf = ({ label, at, size, outer, inner = outer, innerShare = 0, shift = 1 }: Organ): Shape => {
    const scale = Math.exp(0.1 * random.normal());
    const vary = () => scale * Math.exp(0.14 * random.normal());
    return {
      label,
      centre: [
        at[0] + shift * 0.13 * random.normal(),
        at[1] + shift * 0.12 * random.normal(),
        at[2] + shift * 0.09 * random.normal(),
      ],
      radii: [size[0] * vary(), size[1] * vary(), size[2] * stretch * Math.exp(0.12 * random.normal())],
      angle: shift * 0.55 * random.normal(),
      waves: [0.15, 0.09, 0.05, 0.03].map((amplitude) => [
        amplitude * shift * random.normal(),
        between(0, 2 * Math.PI),
        between(-3, 3),
      ]),
      intensity: { outer, inner, innerShare },
      texture: between(4, 9),
    };
  };

  const shapes: Shape[] = [];
  for (let k = 0; k < BOWEL_LOOPS; k++) {
    const angle = between(0, 2 * Math.PI), radius = Math.sqrt(random.uniform()) * 0.72;
    const size = between(0.07, 0.17);
    const kind = random.uniform();
    const outer = between(35, 75);
    shapes.push(shapeOf({
      label: 0,
      at: [radius * Math.cos(angle), -0.22 + 0.6 * radius * Math.sin(angle), between(-0.1, 0.75)],
      size: [size, size * between(0.7, 1.5), between(0.08, 0.25)],
      outer,
      // filled with fluid, with contrast medium as bright as an organ, or with gas
      inner: kind < 0.4 ? between(10, 40) : kind < 0.85 ? between(85, 190) : between(-500, -200),
      innerShare: 0.8,
      shift: 0.8,
    }));
  }
  const liver = mix(88, 118), spleen = mix(102, 132), cortex = mix(150, 178), vessel = mix(185, 150);
  shapes.push(
    shapeOf({
      label: 7,
      at: [0.34, -0.33, 0.66],
      size: [0.34, 0.25, 0.32],
      outer: 62,
      inner: between(5, 70),
      innerShare: 0.82,
    }),
    shapeOf({ label: 6, at: [-0.42, -0.12, 0.7], size: [0.46, 0.52, 0.45], outer: liver }),
    shapeOf({ label: 1, at: [0.62, 0.2, 0.68], size: [0.2, 0.33, 0.33], outer: spleen }),
    shapeOf({
      label: 2,
      at: [-0.45, 0.42, 0.36],
      size: [0.2, 0.22, 0.34],
      outer: cortex,
      inner: cortex - between(25, 55),
      innerShare: 0.55,
    }),
    shapeOf({
      label: 3,
      at: [0.43, 0.43, 0.4],
      size: [0.2, 0.22, 0.34],
      outer: cortex,
      inner: cortex - between(25, 55),
      innerShare: 0.55,
    }),
  );
  const fixed = (
    at: [number, number],
    size: [number, number],
    outer: number,
    inner = outer,
    innerShare = 0,
    label = 0,
  ) => shapes.push(shapeOf({ label, at: [...at, 0.5], size: [...size, 9], outer, inner, innerShare, shift: 0.22 }));
  for (const side of [-1, 1]) {
    fixed([side * 0.2, 0.55], [0.1, 0.15], 58); // psoas
    fixed([side * 0.24, 0.83], [0.2, 0.12], 56); // erector spinae
  }
  fixed([0, 0.62], [0.165, 0.175], 260, between(130, 200), 0.86); // vertebra
  fixed([0, 0.84], [0.06, 0.06], 20); // spinal canal
  fixed([-0.13, 0.36], [0.085, 0.07], mix(115, 150)); // inferior vena cava
  fixed([0.06, 0.36], [0.08, 0.085], vessel, vessel, 0, 8); // aorta
  return {
    body: [between(0.74, 0.88), between(0.56, 0.76)],
    centre: [between(-0.1, 0.1), between(-0.12, 0.12)],
    wall: { fat: between(0.05, 0.17), muscle: between(0.05, 0.08) },
    shapes,
    spacing: [between(1.55, 1.85), 0, between(6, 8)],
    noise: between(9, 14),
  };
}
