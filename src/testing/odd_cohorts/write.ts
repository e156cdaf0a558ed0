import { join } from "node:path";
import { encodeNifti } from "../../imaging/io/nifti_encode.ts";
import { orient } from "../../imaging/orient.ts";
import type { Volume } from "../../imaging/volume.ts";
import { blockCase, type CaseOptions, describeCohort, writeCase, writeVolume } from "../raw_cohort.ts";

/** A data set as somebody had it, and what is to become of it. */
export interface OddCohort {
  /** What is odd about it. */
  what: string;
  /** Writes it. */
  write(dir: string): Promise<void>;
  /** Options of `verify` and `pipeline`. */
  args?: string[];
  /** Whether it is used or refused. */
  refused?: true;
  /** Whether a case without a label is of no use: `verify` names it, `pipeline` goes on without it. */
  loses?: true;
  /** What both say. */
  says?: RegExp[];
  /** What neither says. */
  silent?: RegExp;
  /** Whether what training sees of it is what it sees of {@link writePlain}, labels alike. */
  isPlain?: true;
}

/** Two plain cases. */
export async function writePlain(dir: string, options: CaseOptions = {}): Promise<void> {
  await describeCohort(dir);
  for (const [shift, id] of ["case_001", "case_002"].entries()) await writeCase(dir, id, { ...options, shift });
}

export const image = (dir: string, id = "case_002") => join(dir, `imagesTr/${id}_0000.nii.gz`);
export const label = (dir: string, id = "case_002") => join(dir, `labelsTr/${id}.nii.gz`);

/** Writes the second case anew. */
export async function second(
  dir: string,
  change: (one: { image: Volume; label: Volume }) => { image: Volume; label: Volume },
) {
  await writePlain(dir);
  const changed = change(blockCase({ shift: 1 }));
  await writeVolume(image(dir), changed.image);
  await writeVolume(label(dir), changed.label);
}

/** A plain cohort whose files hold other bytes. */
export async function spoiled(
  dir: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Promise<void> {
  await writePlain(dir);
  for (const [shift, id] of ["case_001", "case_002"].entries()) {
    const one = blockCase({ shift });
    await Deno.writeFile(image(dir, id), change(encodeNifti(one.image)));
    await Deno.writeFile(label(dir, id), change(encodeNifti(one.label)));
  }
}

/** A header extension of some bytes, as programs put between header and voxels. */
export function withExtension(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length + length);
  result.set(bytes.subarray(0, 352));
  result.set(bytes.subarray(352), 352 + length);
  const view = new DataView(result.buffer);
  view.setFloat32(108, 352 + length, true); // vox_offset
  view.setUint8(348, 1);
  view.setInt32(352, length, true);
  view.setInt32(356, 6, true);
  return result;
}

export const FLIPPED_Y = { axes: [0, 1, 2], flips: [false, true, false] } as const;
export const UPSIDE_DOWN = { axes: [0, 1, 2], flips: [false, false, true] } as const;

/** Another numeric type of voxels. */
export function mapped(volume: Volume, change: (value: number, i: number) => number): Volume {
  return { ...volume, data: Float64Array.from(volume.data, change) };
}

/** One slice of a volume. */
export function oneSlice(volume: Volume): Volume {
  const [width, height] = volume.size, area = width * height;
  return { ...volume, size: [width, height, 1], data: volume.data.slice(4 * area, 5 * area) as Volume["data"] };
}

export async function json(dir: string, value: unknown): Promise<void> {
  await writePlain(dir);
  await Deno.writeTextFile(join(dir, "dataset.json"), JSON.stringify(value));
}

export const DESCRIPTION = {
  channel_names: { 0: "CT" },
  labels: { background: 0, one: 1, two: 2 },
  file_ending: ".nii.gz",
};

export function order({ axes, flips }: { axes: readonly number[]; flips: readonly boolean[] }) {
  return { axes: [...axes], flips: [...flips] } as Parameters<typeof orient>[1];
}

export function turned(volume: Volume): Volume {
  return orient(volume, order(UPSIDE_DOWN));
}

export async function many(dir: string, count: number): Promise<void> {
  await describeCohort(dir);
  for (let n = 0; n < count; n++) await writeCase(dir, `c${n}`, { shift: n % 3 });
}

/** An organ of a voxel in a scan so large that the network's slices pass over it. */
export async function small(dir: string): Promise<void> {
  await describeCohort(dir);
  for (const [shift, id] of ["case_001", "case_002"].entries()) {
    const one = blockCase({ shift, size: [200, 160, 10] });
    const data = one.label.data.map((value) => value === 2 ? 0 : value) as Int16Array<ArrayBuffer>;
    data[200 * 160 * 5 + 200 * 100 + 141] = 2;
    await writeVolume(image(dir, id), one.image);
    await writeVolume(label(dir, id), { ...one.label, data });
  }
}
