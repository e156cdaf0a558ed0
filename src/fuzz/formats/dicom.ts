import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDicom } from "../../imaging/files/read_dicom.ts";
import { type DicomElement, encodeFile } from "../../imaging/io/dicom_elements.ts";
import { readDicomSeries } from "../../imaging/files/dicom_folder.ts";
import { type DicomSlice, readDicomSlice, seriesUid } from "../../imaging/io/dicom_slice.ts";
import { type DicomContent, encodeDicom, imageElements } from "../../imaging/io/dicom_writer.ts";
import type { Random } from "../../random.ts";
import { expect, type FuzzFormat, outcomeOf } from "../format.ts";
import { anyInteger, anyReal, noise, spoiledBytes } from "../mutate_bytes.ts";
import { checkVolume } from "./nifti.ts";

/** A phantom's slices in every transfer syntax (tests/fixtures/dicom). */
const FIXTURES = fileURLToPath(new URL("../../../tests/fixtures/dicom/", import.meta.url));

const COLUMNS = 5, ROWS = 4;

/** Slice k of an axial series, 6 mm apart. */
function slice(k: number): DicomContent {
  return {
    pixels: Uint16Array.from({ length: COLUMNS * ROWS }, (_, i) => 100 * k + i),
    rows: ROWS,
    columns: COLUMNS,
    position: [-10, -20, 6 * k],
    rowCosine: [1, 0, 0],
    columnCosine: [0, 1, 0],
    pixelSpacing: [2, 1.5],
    slice: { spacing: 6, thickness: 5 },
    instance: k + 1,
    patient: "ANON",
    description: "T2",
    seriesKey: "one",
  };
}

async function seeds(): Promise<Uint8Array<ArrayBuffer>[]> {
  const found = [encodeDicom(slice(0)), encodeDicom(slice(0))];
  for (const syntax of (await readdir(FIXTURES)).sort()) {
    const folder = join(FIXTURES, syntax);
    const [first] = (await readdir(folder)).sort();
    found.push(new Uint8Array(await readFile(join(folder, first))));
  }
  return found;
}

/** Texts of values of all kinds: numbers that are none, too many or too few values, other letters. */
const TEXTS = [
  ...["", " ", "0", "-1", "1e400", "NaN", "1\\2", "\\", "\\\\\\\\\\\\", "1.5\\1.5", "0\\0", "0.1.2", "x", "1,5\\1,5"],
  ...[
    "1\\0\\0\\0\\1\\0",
    "2\\0\\0\\0\\2\\0",
    "0\\0\\0\\0\\0\\0",
    "1\\0\\0\\1\\0\\0",
    "1\\0\\0\\0.5\\0.5\\0",
    "1e-9\\1e-9",
  ],
  ...["ISO 2022 IR 87", "9".repeat(40), "MR", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.90"],
];

/** A slice of ours with other values of its elements: the file itself is whole. */
function spoiledElements(random: Random): Uint8Array<ArrayBuffer> {
  let elements = imageElements(slice(0));
  do {
    const at = random.integer(elements.length), [tag, vr] = elements[at];
    elements = random.chance(0.15)
      ? elements.toSpliced(at, 1)
      : elements.with(at, [tag, vr, anyValue(vr, random)] as DicomElement);
  } while (random.chance(0.3));
  return encodeFile(elements);
}

function anyValue(vr: string, random: Random): DicomElement[2] {
  if (vr === "US") {
    return Array.from({ length: random.chance(0.8) ? 1 : random.integer(4) }, () => anyInteger(random) & 0xffff);
  }
  if (vr === "OW" || vr === "OB") return noise(random.integer(64), random);
  if (vr !== "DS" && vr !== "IS" || random.chance(0.6)) return random.pick(TEXTS);
  return Array.from({ length: 1 + random.integer(6) }, () => String(anyReal(random)).slice(0, 16)).join("\\");
}

function mutate(seed: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  return random.chance(0.5) ? spoiledElements(random) : spoiledFile(seed, random);
}

/** Changes around the elements, not in the preamble, where nothing is looked at. */
function spoiledFile(seed: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  if (random.chance(0.1)) return spoiledBytes(seed, random);
  const body = spoiledBytes(seed.slice(128), random);
  const result = new Uint8Array(128 + body.length);
  result.set(body, 128);
  return result;
}

/** Headers of single slices. */
export const dicom: FuzzFormat = {
  seeds,
  mutate,
  check(bytes) {
    seriesUid(bytes);
    return outcomeOf(() => checkSlice(readDicomSlice(bytes, "a.dcm")));
  },
};

/** Whole series, of which one file is another one, decoded by dcm2niix. */
export const dicomConversion: FuzzFormat = {
  seeds,
  mutate,
  seconds: 30,
  async check(bytes, dir) {
    const folder = join(dir, "series");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "a.dcm"), bytes);
    for (const k of [1, 2]) await writeFile(join(folder, `${k}.dcm`), encodeDicom(slice(k)));
    return await outcomeOf(async () => {
      const { slices } = await readDicomSeries(folder);
      slices.forEach(checkSlice);
      const { volume } = await readDicom(folder);
      checkVolume(volume);
    });
  },
};

function checkSlice(
  { rows, columns, position, rowCosine, columnCosine, pixelSpacing, thickness, ...rest }: DicomSlice,
) {
  expect([rows, columns].every((n) => Number.isInteger(n) && n > 0), `${columns} × ${rows} pixels`);
  expect([...position, ...rowCosine, ...columnCosine].every(Number.isFinite), `${position} ${rowCosine}`);
  expect(pixelSpacing.every((mm) => mm > 0 && Number.isFinite(mm)), `pixel spacing ${pixelSpacing}`);
  expect(thickness === undefined || thickness > 0 && Number.isFinite(thickness), `thickness ${thickness}`);
  expect(!/^0 bits/.test(rest.pixels), rest.pixels);
  expect(rest.instance === undefined || Number.isInteger(rest.instance), `instance ${rest.instance}`);
  for (const cosine of [rowCosine, columnCosine]) {
    expect(Math.abs(Math.hypot(...cosine) - 1) < 0.01, `cosines ${rowCosine} and ${columnCosine}`);
  }
  const dot = rowCosine.reduce((sum, x, k) => sum + x * columnCosine[k], 0);
  expect(Math.abs(dot) < 0.02, `cosines ${rowCosine} and ${columnCosine}`);
}
