import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { UserError } from "../../errors.ts";
import { readDicom } from "./read_dicom.ts";
import { slicePositions } from "../io/dicom.ts";
import { readDicomSeries } from "./dicom_folder.ts";
import { seriesGrid } from "../io/dicom_series.ts";
import { type DicomContent, encodeDicom } from "../io/dicom_writer.ts";

// A phantom's series of four slices, rewritten once with gdcmconv (RLE, JPEG lossless, JPEG-LS, JPEG 2000) and DCMTK (others).
const FIXTURES = fileURLToPath(new URL("../../../tests/fixtures/dicom/", import.meta.url));

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const COLUMNS = 5, ROWS = 4;

/** Pixel (column, row) of slice k is 100 k + 10 row + column. */
const pixelsOf = (k: number) =>
  Uint16Array.from({ length: COLUMNS * ROWS }, (_, i) => 100 * k + 10 * Math.floor(i / COLUMNS) + i % COLUMNS);

/** Slice k of an axial series from the feet, 6 mm apart. */
function slice(k: number, changes: Partial<DicomContent> = {}): Uint8Array<ArrayBuffer> {
  return encodeDicom({
    pixels: pixelsOf(k),
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
    ...changes,
  });
}

type Series = Record<string, Uint8Array<ArrayBuffer>>;

/** Five files, named from a to e. */
const series = (): Series => Object.fromEntries([..."abcde"].map((name, k) => [`${name}.dcm`, slice(k)]));

async function write(dir: string, files: Series): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(`${dir}/${name}`, bytes);
}

Deno.test("readDicom() reverses rows, runs from foot to head, and places the volume in mm, whatever the files are called", () =>
  inFolder(async (dir) => {
    await write(dir, { "3.dcm": slice(0), "1.dcm": slice(1), "2.dcm": slice(2), "notes.txt": new Uint8Array(9) });
    const { volume, warnings } = await readDicom(dir);
    assert.deepEqual(volume.size, [COLUMNS, ROWS, 3]);
    assert.deepEqual(volume.affine.map((mm) => mm + 0), [-1.5, 0, 0, 10, 0, 2, 0, 14, 0, 0, 6, 0, 0, 0, 0, 1]);
    for (let z = 0; z < 3; z++) {
      for (let y = 0; y < ROWS; y++) {
        const found = [...volume.data.subarray((z * ROWS + y) * COLUMNS, (z * ROWS + y + 1) * COLUMNS)];
        const first = 100 * z + 10 * (ROWS - 1 - y);
        assert.deepEqual(found, [first, first + 1, first + 2, first + 3, first + 4]);
      }
    }
    assert.deepEqual(warnings, []);
    const places = slicePositions(await readDicomSeries(dir), volume);
    assert.deepEqual([places.get(`${dir}/3.dcm`), places.get(`${dir}/1.dcm`), places.get(`${dir}/2.dcm`)], [0, 1, 2]);
    const elsewhere = { ...volume, affine: volume.affine.with(11, 3) };
    assert.equal(slicePositions(await readDicomSeries(dir), elsewhere).size, 0);
  }));

Deno.test("readDicom() takes a single slice for a volume of its thickness", () =>
  inFolder(async (dir) => {
    await write(dir, { "a.dcm": slice(2) });
    const { volume } = await readDicom(dir);
    assert.deepEqual([volume.size, volume.spacing], [[COLUMNS, ROWS, 1], [1.5, 2, 6]]);
    assert.equal(seriesGrid(await readDicomSeries(dir)).spacing[2], 6);
    assert.equal(volume.data[0], 200 + 10 * (ROWS - 1));
  }));

const plain = readDicom(`${FIXTURES}/uncompressed`);
const DECODED = [
  ...["rle", "jpeg-lossless", "jpeg-lossless-process-14", "jpeg-ls", "jpeg-2000", "implicit", "big-endian"],
];

for (const syntax of DECODED) {
  Deno.test(`readDicom() decodes ${syntax} to the voxels and the affine of the uncompressed series`, async () => {
    const [{ volume }, expected] = [await readDicom(`${FIXTURES}/${syntax}`), (await plain).volume];
    assert.deepEqual(volume, expected);
    assert.ok(new Set(volume.data).size > 500);
  });
}

/** Where an element begins in an explicit little-endian file. */
function elementAt(bytes: Uint8Array, group: number, element: number): number {
  const tag = [group & 255, group >> 8, element & 255, element >> 8];
  const found = bytes.findIndex((_, i) => i > 131 && tag.every((byte, k) => bytes[i + k] === byte));
  assert.ok(found > 0);
  return found;
}

/** The same object without pixels, of another modality. */
function report(): Uint8Array<ArrayBuffer> {
  const bytes = slice(9);
  bytes.set(new TextEncoder().encode("SR"), elementAt(bytes, 0x0008, 0x0060) + 8);
  return bytes.slice(0, elementAt(bytes, 0x7fe0, 0x0010));
}

/** A compressed file whose frame lacks its second half, in an item that says so. */
async function halfFrame(syntax: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(`${FIXTURES}/${syntax}/${await firstName(syntax)}`);
  const view = new DataView(bytes.buffer);
  const table = elementAt(bytes, 0x7fe0, 0x0010) + 12;
  const item = table + 8 + view.getUint32(table + 4, true), end = item + 8 + view.getUint32(item + 4, true);
  const half = (end - item - 8) >> 2 << 1;
  view.setUint32(item + 4, half, true);
  return new Uint8Array([...bytes.subarray(0, item + 8 + half), ...bytes.subarray(end)]);
}

async function firstName(syntax: string): Promise<string> {
  return (await Array.fromAsync(Deno.readDir(`${FIXTURES}/${syntax}`))).map(({ name }) => name).sort()[0];
}

/** What is wrong with a series, and what the message says of it. */
const MISTAKES: [what: string, spoil: (files: Series) => void | Promise<void>, ...messages: RegExp[]][] = [
  [
    "no file",
    (files) => Object.keys(files).forEach((name) => delete files[name]),
    /expected a series of DICOM slices, found none/,
  ],
  [
    "two series",
    (files) => {
      files["d.dcm"] = slice(3, { seriesKey: "two" });
    },
    /expected one series, found series 2\.25\.\d+ \(4 files, first "a\.dcm"\) and series 2\.25\.\d+ \("d\.dcm"\)/,
    /Leave one in the folder/,
  ],
  [
    "slices of two sizes",
    (files) => {
      files["e.dcm"] = slice(4, { rows: 2, columns: 10 });
    },
    /expected slices of one size, found 5 × 4 pixels \(4 files, first "a\.dcm"\) and 10 × 2 pixels \("e\.dcm"\)/,
  ],
  [
    "two pixel spacings",
    (files) => {
      files["b.dcm"] = slice(1, { pixelSpacing: [2, 1.6] });
    },
    /expected one pixel spacing, found 2 × 1\.5 mm \(4 files, first "a\.dcm"\) and 2 × 1\.6 mm \("b\.dcm"\)/,
  ],
  [
    "two orientations",
    (files) => {
      files["b.dcm"] = slice(1, { rowCosine: [0, 1, 0], columnCosine: [1, 0, 0] });
    },
    /expected one orientation, found orientation 1, 0, 0, 0, 1, 0 \(4 files.*\) and .* \("b\.dcm"\)/,
  ],
  [
    "a duplicate slice",
    (files) => {
      files["copy.dcm"] = slice(2);
    },
    /expected every slice once, found "c\.dcm" \(.* 12\) and "copy\.dcm" \(.* 12\) at the same place\. Remove one of them/,
  ],
  [
    "a missing slice",
    (files) => {
      delete files["d.dcm"];
    },
    /expected slices 6 mm apart, found 12 mm between "c\.dcm" \(at -10, -20, 12\) and "e\.dcm" \(at -10, -20, 24\): a slice is missing/,
  ],
  [
    "two missing slices",
    (files) => {
      files["h.dcm"] = slice(7);
    },
    /expected slices 6 mm apart, found 18 mm between "e\.dcm" \(.* 24\) and "h\.dcm" \(.* 42\): 2 slices are missing/,
  ],
  [
    "uneven spacing",
    (files) => {
      files["d.dcm"] = slice(3, { position: [-10, -20, 20] });
    },
    /expected evenly spaced slices, 6 mm apart, found 8 mm between "c\.dcm" \(.* 12\) and "d\.dcm" \(.* 20\)/,
  ],
  [
    "a slice that is shifted sideways",
    (files) => {
      files["d.dcm"] = slice(3, { position: [-7, -20, 18] });
    },
    /expected slices stacked along their normal, found "c\.dcm" \(.*\) and "d\.dcm" \(at -7, -20, 18\) shifted sideways by 3 mm/,
  ],
  [
    "an object that is no image",
    (files) => {
      files["f.dcm"] = report();
    },
    /f\.dcm": expected an image, found an object without pixels \(modality SR, SOP class 1\.2\.840\.10008\.5\.1\.4\.1\.1\.4\)/,
  ],
  [
    "truncated pixel data and a truncated header, both at once",
    (files) => {
      files["b.dcm"] = slice(1).slice(0, -7);
      files["c.dcm"] = slice(2).slice(0, 405);
    },
    /b\.dcm": expected a whole DICOM file, found \d+ bytes: its pixel data is cut off/,
    /c\.dcm": expected a whole DICOM file, found 405 bytes: its header is cut off/,
  ],
  [
    "truncated pixel data where no length is checked by the parser",
    async (files) => {
      const bytes = await Deno.readFile(`${FIXTURES}/implicit/${await firstName("implicit")}`);
      files["a.dcm"] = bytes.slice(0, -100);
    },
    /a\.dcm": expected 8192 bytes of pixel data, found 8092: the file is cut off/,
  ],
  [
    "a truncated run-length coded frame",
    async (files) => {
      files["a.dcm"] = await halfFrame("rle");
    },
    /a\.dcm": expected a whole DICOM file, found run-length coded pixel data for \d+ of 4096 pixels: it is cut off/,
  ],
  ...["jpeg-lossless", "jpeg-ls", "jpeg-2000"].map((syntax): (typeof MISTAKES)[number] => [
    `a truncated frame of ${syntax}`,
    async (files) => {
      files["a.dcm"] = await halfFrame(syntax);
    },
    /a\.dcm": expected a whole DICOM file, found pixel data without end marker: it is cut off/,
  ]),
  ...Object.entries({
    deflated: /found 1\.2\.840\.10008\.1\.2\.1\.99 \(Deflated Explicit VR Little Endian\)\. Rewrite the series/,
    "jpeg-extended": /found 1\.2\.840\.10008\.1\.2\.4\.51 \(JPEG Extended \(12 bit\)\)\. Rewrite the series/,
  }).map(([syntax, message]): (typeof MISTAKES)[number] => [
    `the transfer syntax ${syntax}`,
    async (files) => {
      files["a.dcm"] = await Deno.readFile(`${FIXTURES}/${syntax}/${await firstName(syntax)}`);
    },
    message,
  ]),
  [
    "a file that is no DICOM",
    (files) => {
      files["a.dcm"] = new TextEncoder().encode("not a scan ".repeat(100));
    },
    /a\.dcm": expected a DICOM file, found a text file/,
  ],
];

for (const [what, spoil, ...messages] of MISTAKES) {
  Deno.test(`readDicom() refuses ${what}`, () =>
    inFolder(async (dir) => {
      const files = series();
      await spoil(files);
      await write(dir, files);
      await assert.rejects(readDicom(dir), (error) => {
        assert.ok(error instanceof UserError, String(error));
        for (const message of messages) assert.match(error.message, message);
        return true;
      });
    }));
}

Deno.test("readDicom() says what dcm2niix said where the converter breaks", () =>
  inFolder(async (dir) => {
    // an end marker right behind the start of a frame: whole by its form, but nothing that can be decoded
    const names = (await Array.fromAsync(Deno.readDir(`${FIXTURES}/jpeg-2000`))).map(({ name }) => name).sort();
    for (const name of names) await Deno.copyFile(`${FIXTURES}/jpeg-2000/${name}`, `${dir}/${name}`);
    const bytes = await halfFrame("jpeg-2000");
    const end = bytes.length - 8; // the item that closes the pixel data
    bytes.set([0xff, 0xd9], end - 2);
    await Deno.writeFile(`${dir}/${names[0]}`, bytes);
    await assert.rejects(
      readDicom(dir),
      /Cannot convert the series ".*": expected one volume from dcm2niix, found 0 \(Error/,
    );
  }));
