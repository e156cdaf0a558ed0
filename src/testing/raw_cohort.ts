import { dirname, join } from "node:path";
import { writeNifti } from "../imaging/files/nifti_file.ts";
import { encodeNifti } from "../imaging/io/nifti_encode.ts";
import { orient } from "../imaging/orient.ts";
import type { Orientation } from "../imaging/geometry.ts";
import type { Triple, Volume } from "../imaging/volume.ts";
import { type HeaderFields, spoilHeader } from "./nifti_header.ts";

/** A case of a body in a block of air, with two organs: what a test of a whole pipeline needs, and no more. */
export interface CaseOptions {
  /** Voxels. */
  size?: Triple;
  /** mm. */
  spacing?: Triple;
  /** Moves the organs, so that cases differ. */
  shift?: number;
  /** Values that the label file holds for the two organs. */
  values?: readonly [one: number, two: number];
  /** What is added to all intensities. */
  offset?: number;
  /** How the image is stored. */
  order?: Orientation;
  /** How the label is stored. */
  labelOrder?: Orientation;
}

/** Air, body and the two organs, in HU. */
const AIR = -1000, BODY = 40, ONE = 140, TWO = 90;

/** An axial scan stored LAS, with labels. */
export function blockCase(options: CaseOptions = {}): { image: Volume; label: Volume } {
  const { size = [48, 40, 10], spacing = [1.5, 1.5, 5], shift = 0, values = [1, 2], offset = 0 } = options;
  const [nx, ny, nz] = size;
  const affine = [-spacing[0], 0, 0, spacing[0] * nx, 0, spacing[1], 0, -20, 0, 0, spacing[2], -100, 0, 0, 0, 1];
  const count = nx * ny * nz;
  const data = new Int16Array(count), labels = new Int16Array(count);
  const within = (x: number, low: number, high: number, n: number) => x >= low * n && x < high * n;
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, i++) {
        const isBody = within(x, 0.1, 0.9, nx) && within(y, 0.1, 0.9, ny);
        const isOne = within(x - shift, 0.2, 0.5, nx) && within(y, 0.2, 0.5, ny) && within(z, 0.1, 0.6, nz);
        const isTwo = within(x, 0.6, 0.8, nx) && within(y - shift, 0.55, 0.8, ny) && within(z, 0.3, 0.9, nz);
        const noise = (x * 7 + y * 13 + z * 29) % 11;
        data[i] = offset + (isOne ? ONE : isTwo ? TWO : isBody ? BODY : AIR) + noise;
        labels[i] = isOne ? values[0] : isTwo ? values[1] : 0;
      }
    }
  }
  const image: Volume = { data, size, spacing, affine }, label: Volume = { ...image, data: labels };
  return {
    image: options.order ? orient(image, options.order) : image,
    label: options.labelOrder ? orient(label, options.labelOrder) : label,
  };
}

/** Writes `dataset.json`, the only thing in nnU-Net's layout that is no volume. */
export async function describeCohort(dir: string, about: Record<string, unknown> = {}): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  const plain = { channel_names: { 0: "CT" }, labels: { background: 0, one: 1, two: 2 }, file_ending: ".nii.gz" };
  await Deno.writeTextFile(join(dir, "dataset.json"), JSON.stringify({ ...plain, ...about }));
}

/** Writes a volume, with its folder; `header` spoils fields of its header. */
export async function writeVolume(path: string, volume: Volume, header?: HeaderFields): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  if (!header) return await writeNifti(path, volume);
  // the bytes decide what a file is, not its ending
  await Deno.writeFile(path, spoilHeader(encodeNifti(volume), header));
}

/** Writes a case in nnU-Net's layout; without a label where `unlabelled`. */
export async function writeCase(
  dir: string,
  id: string,
  options: CaseOptions & { header?: HeaderFields; unlabelled?: boolean } = {},
): Promise<void> {
  const { image, label } = blockCase(options);
  await writeVolume(join(dir, `imagesTr/${id}_0000.nii.gz`), image, options.header);
  if (!options.unlabelled) await writeVolume(join(dir, `labelsTr/${id}.nii.gz`), label, options.header);
}
