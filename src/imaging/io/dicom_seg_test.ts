import assert from "node:assert/strict";
import { UserError } from "../../errors.ts";
import { needs, runPython } from "../../testing/needs.ts";
import { placeOf } from "../geometry.ts";
import { orient } from "../orient.ts";
import type { Triple, Volume } from "../volume.ts";
import { codesOf, ORGANS, SIDES, TISSUE } from "./dicom_codes.ts";
import { dicomLab, segmentColour } from "./dicom_colours.ts";
import { readDicom } from "../files/read_dicom.ts";
import { type DicomElement, encodeFile } from "./dicom_elements.ts";
import { encodeSegmentation, type SegmentationContent } from "./dicom_seg.ts";
import { type DicomFile, readSourceSeries } from "./dicom_source.ts";
import { type DicomContent, imageElements } from "./dicom_writer.ts";

const COLUMNS = 13, ROWS = 7; // a frame ends within a byte
const MODEL = "0123456789abcdef".repeat(4);
const SEGMENTS = [{ value: 2, name: "liver" }, { value: 7, name: "KIDNEY_LEFT" }, { value: 9, name: "cyst" }];

interface SeriesOptions {
  slices?: number;
  rowCosine?: Triple;
  columnCosine?: Triple;
  content?: Partial<DicomContent>;
  /** Changes the elements of every file. */
  edit?: (elements: DicomElement[]) => DicomElement[];
}

/** A series of slices 2.5 mm apart, its files named and numbered the other way round. */
function seriesOf(
  { slices = 5, rowCosine = [1, 0, 0], columnCosine = [0, 1, 0], content = {}, edit = (all) => all }: SeriesOptions =
    {},
): DicomFile[] {
  const [a, b] = [rowCosine, columnCosine];
  const normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  return Array.from({ length: slices }, (_, k) => {
    const elements = imageElements({
      pixels: new Uint16Array(COLUMNS * ROWS),
      rows: ROWS,
      columns: COLUMNS,
      position: normal.map((n, i) => [-10.5, 20.25, 3.125][i] + 2.5 * k * n) as Triple,
      rowCosine,
      columnCosine,
      pixelSpacing: [1.25, 0.75],
      slice: { spacing: 2.5, thickness: 2 },
      instance: slices - k,
      patient: "Doe^Jane",
      description: "T2",
      seriesKey: "one",
      ...content,
    });
    return { name: `${9 - k}.dcm`, bytes: encodeFile(edit(elements)) };
  });
}

/** A mask without symmetry on the grid of a series; label 9 is nowhere. */
function maskOf(series: readonly DicomFile[]): Volume {
  const { grid } = readSourceSeries(series, "series");
  const [nx, ny, nz] = grid.size;
  const data = new Uint8Array(nx * ny * nz);
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const isLiver = x + 2 * y + z > 12 && x < 9, isKidney = x > 9 && y < 1 + z;
        data[(z * ny + y) * nx + x] = isLiver && z !== 1 ? 2 : isKidney && z > 0 ? 7 : 0;
      }
    }
  }
  return { ...grid, data };
}

function contentOf(series: readonly DicomFile[], changes: Partial<SegmentationContent> = {}): SegmentationContent {
  return { series, name: "series", mask: maskOf(series), segments: SEGMENTS, model: MODEL, ...changes };
}

const cos = Math.cos(0.3), sin = Math.sin(0.3);

const UTF8 = seriesOf({ content: { patient: "Müller^Jörg" } });

/** The patient's name in Latin-1, as most scanners of the West write it. */
const LATIN1 = seriesOf({
  edit: (elements) =>
    elements.map(([tag, vr, value]) => [
      tag,
      vr,
      tag === 0x00080005 ? "ISO_IR 100" : tag === 0x00100010 ? Uint8Array.from("Müller^Jörg", codeOf) : value,
    ]),
});

function codeOf(character: string): number {
  return character.codePointAt(0)!;
}

const shuffled = <T>(list: readonly T[]): T[] => [3, 0, 4, 1, 2].map((i) => list[i]);

const SERIES: Record<string, DicomFile[]> = {
  axial: seriesOf(),
  sagittal: seriesOf({ rowCosine: [0, 1, 0], columnCosine: [0, 0, -1] }),
  oblique: seriesOf({ rowCosine: [cos, sin, 0], columnCosine: [-sin * cos, cos * cos, -sin] }),
  shuffled: shuffled(seriesOf()),
  "of one slice": seriesOf({ slices: 1 }),
  "with umlauts in UTF-8": UTF8,
  "with umlauts in Latin-1": LATIN1,
};

async function inFile(bytes: Uint8Array, body: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${dir}/seg.dcm`, bytes);
    await body(`${dir}/seg.dcm`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("encodeSegmentation() gives the same bytes for the same mask, in any order of files, names and voxels", () => {
  const series = seriesOf();
  const mask = maskOf(series);
  const { bytes, warnings } = encodeSegmentation(contentOf(series));
  assert.deepEqual(warnings, []);
  const same = [
    contentOf(series),
    contentOf(shuffled(series)),
    contentOf(series.map(({ bytes }, i) => ({ name: `${i}`, bytes })), { name: "other" }),
    contentOf(series, { mask: orient(mask, { axes: [2, 0, 1], flips: [true, false, true] }) }),
    contentOf(series, { mask: { ...mask, data: Int16Array.from(mask.data) } }),
  ];
  for (const content of same) assert.deepEqual(encodeSegmentation(content).bytes, bytes);
  const other = [
    contentOf(series, { model: MODEL.replaceAll("0", "1") }),
    contentOf(series, { mask: { ...mask, data: mask.data.with(0, 2) as Volume["data"] } }),
    contentOf(series, { segments: SEGMENTS.with(2, { value: 9, name: "tumour" }) }),
    contentOf(series, { codes: [{ name: "cyst", scheme: "SCT", code: "367643001", meaning: "Cyst" }] }),
    contentOf(seriesOf({ content: { seriesKey: "two" } })),
  ];
  const uid = (file: Uint8Array) => /2\.25\.\d+/.exec(new TextDecoder("latin1").decode(file))![0];
  const uids = [bytes, ...other.map((content) => encodeSegmentation(content).bytes)].map(uid);
  assert.equal(new Set(uids).size, uids.length, "each has an identifier of its own");
});

Deno.test("encodeSegmentation() refuses a series with a gap, naming both slices and where they lie", () => {
  const series = seriesOf();
  const refused = (files: DicomFile[], mask = maskOf(series)) => () => encodeSegmentation(contentOf(files, { mask }));
  assert.throws(refused(series.toSpliced(2, 1)), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /found 5 mm between "8\.dcm" \(at -10\.5, 20\.25, 5\.625\) and "6\.dcm" \(at -10\.5, 20\.25, 10\.625\)/,
    );
    return true;
  });
  const uneven = series.with(4, seriesOf({ slices: 6 })[5]);
  assert.throws(refused([...uneven, series[0]]), /expected every slice once/);
  const moved = seriesOf({ content: { position: [-10.5, 20.25, 14.5] } })[0];
  assert.throws(
    refused(series.with(4, moved)),
    /expected evenly spaced .* between "6\.dcm" \(at .*\) and "9\.dcm" \(at -10\.5, 20\.25, 14\.5\)/,
  );
});

Deno.test("encodeSegmentation() refuses a mask on another grid, unknown values, no segment, and what is no sha256", () => {
  const series = seriesOf(), mask = maskOf(series);
  const throws = (changes: Partial<SegmentationContent>, message: RegExp) =>
    assert.throws(() => encodeSegmentation(contentOf(series, { mask, ...changes })), message);
  throws(
    { mask: { ...mask, affine: mask.affine.with(3, 50) } },
    /expected the grid of its series, 13 × 7 × 5, found one .* mm away/,
  );
  throws({ mask: maskOf(seriesOf({ slices: 4 })) }, /found 13 × 7 × 4/);
  throws({ segments: SEGMENTS.slice(0, 1) }, /expected the values 2, found 7/);
  throws({ segments: [] }, /expected at least one segment/);
  throws({ model: "tiny" }, /expected a sha256, found "tiny"/);
});

Deno.test("encodeSegmentation() warns of what it makes up for a series without identifiers or dates, and refuses one without instances", () => {
  const without = (...tags: number[]) => seriesOf({ edit: (all) => all.filter(([tag]) => !tags.includes(tag)) });
  const bare = encodeSegmentation(contentOf(without(0x0020000d, 0x0020000e, 0x00200052, 0x00080020, 0x00080030)));
  assert.deepEqual(bare.warnings.map((line) => line.split(":")[0]), [
    "the series has no study UID",
    "the series has no series UID",
    "the series has no frame of reference UID",
    "the series has no date",
  ]);
  // the header of the file names the instance as well
  assert.deepEqual(encodeSegmentation(contentOf(without(0x00080018))).warnings, []);
  const nameless = without(0x00080018, 0x00020003);
  assert.throws(
    () => encodeSegmentation(contentOf(nameless)),
    /Cannot refer to "\d\.dcm": expected its SOP Instance UID/,
  );
});

Deno.test("encodeSegmentation() writes labels in the series' character set, in UTF-8 where that changes no text, and says what it lacks", () => {
  const named = (name: string, series: DicomFile[]) =>
    encodeSegmentation(contentOf(series, { segments: SEGMENTS.with(0, { value: 2, name }) }));
  const text = ({ bytes }: { bytes: Uint8Array }, encoding: string) => new TextDecoder(encoding).decode(bytes);
  assert.match(text(named("Größe", LATIN1), "latin1"), /ISO_IR 100.*Müller\^Jörg.*Größe/s);
  assert.match(text(named("Größe", UTF8), "utf-8"), /ISO_IR 192.*Müller\^Jörg.*Größe/s);
  const lacking = named("肝臓", LATIN1);
  assert.match(lacking.warnings[0], /"肝臓" is labelled "__": the character set of the series, ISO_IR 100, lacks/);
  const ascii = seriesOf({ edit: (all) => all.filter(([tag]) => tag !== 0x00080005) });
  const widened = named("肝臓", ascii);
  assert.deepEqual(widened.warnings, []);
  assert.match(text(widened, "utf-8"), /ISO_IR 192.*Doe\^Jane.*肝臓/s);
});

for (const [name, series] of Object.entries(SERIES)) {
  needs("dicom3tools").test(
    `dciodvfy finds no error and no warning in a segmentation of a series ${name}`,
    () =>
      inFile(
        encodeSegmentation(contentOf(series)).bytes,
        async (path) => assert.deepEqual(await dciodvfy(path), ["Segmentation"]),
      ),
  );
}

needs("dicom3tools").test(
  "dciodvfy finds none in an empty mask, and none of ours where the series lacks dates",
  async () => {
    const series = seriesOf();
    const mask = maskOf(series);
    const empty = encodeSegmentation(contentOf(series, { mask: { ...mask, data: new Uint8Array(mask.data.length) } }));
    assert.match(empty.warnings[0], /the mask is empty/);
    const dateless = seriesOf({ edit: (all) => all.filter(([tag]) => ![0x00080020, 0x00080030].includes(tag)) });
    const coded = { codes: [{ name: "cyst", scheme: "SCT", code: "367643001", meaning: "Cyst" }] };
    await inFile(empty.bytes, async (path) => assert.deepEqual(await dciodvfy(path), ["Segmentation"]));
    await inFile(encodeSegmentation(contentOf(dateless, coded)).bytes, async (path) => {
      // what the study has not, an object of the study may not invent
      const expected = /^Segmentation$|<\/Study(Date|Time)\(.*needed to build DICOMDIR$/;
      for (const line of await dciodvfy(path)) assert.match(line, expected);
    });
  },
);

needs("dicom3tools").test("dciodvfy would find what is missing: the control of these tests", async () => {
  const { bytes } = encodeSegmentation(contentOf(SERIES.axial));
  // the tag of Content Date becomes that of a private element
  const at = bytes.findIndex((_, i) => [0x08, 0, 0x23, 0, 0x44, 0x41].every((byte, k) => bytes[i + k] === byte));
  bytes[at + 2] = 0x24;
  await inFile(bytes, async (path) => assert.match((await dciodvfy(path)).join("\n"), /Error.*ContentDate/));
});

async function dciodvfy(path: string): Promise<string[]> {
  const { stdout, stderr } = await new Deno.Command("dciodvfy", { args: ["-new", path] }).output();
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).split("\n").filter((line) => line !== "");
}

const READ_BACK = `
import json, sys, numpy, pydicom
data = pydicom.dcmread(sys.argv[1])
shared = data.SharedFunctionalGroupsSequence[0]
spacing = [float(x) for x in shared.PixelMeasuresSequence[0].PixelSpacing]
orientation = numpy.array([float(x) for x in shared.PlaneOrientationSequence[0].ImageOrientationPatient])
frames = data.pixel_array.reshape(-1, data.Rows, data.Columns)
voxels, order = [], []
for frame, group in zip(frames, data.PerFrameFunctionalGroupsSequence):
    segment = int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
    origin = numpy.array([float(x) for x in group.PlanePositionSequence[0].ImagePositionPatient])
    source = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
    order.append([segment, *map(int, group.FrameContentSequence[0].DimensionIndexValues), source])
    for row, column in zip(*numpy.nonzero(frame)):
        voxels.append([segment, *(origin + orientation[:3] * spacing[1] * column + orientation[3:] * spacing[0] * row)])
print(json.dumps({
    "voxels": voxels, "order": order, "patient": str(data.PatientName), "raw": list(data["PatientName"].value.original_string),
    "labels": [segment.SegmentLabel for segment in data.SegmentSequence],
    "series": data.ReferencedSeriesSequence[0].SeriesInstanceUID,
    "instances": [item.ReferencedSOPInstanceUID for item in data.ReferencedSeriesSequence[0].ReferencedInstanceSequence],
    "modifier": [hasattr(s.SegmentedPropertyTypeCodeSequence[0], "SegmentedPropertyTypeModifierCodeSequence") for s in data.SegmentSequence],
    "types": [s.SegmentedPropertyTypeCodeSequence[0].CodeMeaning for s in data.SegmentSequence],
}))
`;

for (const [name, series] of Object.entries(SERIES)) {
  needs("python3-pydicom").test(
    `pydicom finds every voxel of a segmentation at its place, of a series ${name}`,
    () =>
      inFile(encodeSegmentation(contentOf(series)).bytes, async (path) => {
        const found = JSON.parse(await runPython(READ_BACK, [path]));
        const mask = maskOf(series), source = readSourceSeries(series, name);
        const expected: number[][] = [];
        const [nx, ny] = mask.size;
        mask.data.forEach((value, i) => {
          const segment = SEGMENTS.findIndex((one) => one.value === value) + 1;
          if (segment === 0) return;
          const [x, y, z] = placeOf(mask.affine, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / nx / ny)]);
          expected.push([segment, -x, -y, z]); // to the left, to posterior
        });
        assert.equal(found.voxels.length, expected.length);
        assert.ok(expected.length > 10);
        const sorted = (list: number[][]) => list.map((voxel) => voxel.map((mm) => mm.toFixed(2))).sort();
        assert.deepEqual(sorted(found.voxels), sorted(expected));
        let farthest = 0;
        for (const [segment, ...at] of expected) {
          const distances = (found.voxels as number[][]).filter(([other]) => other === segment)
            .map(([, ...other]) => Math.hypot(...other.map((mm, k) => mm - at[k])));
          farthest = Math.max(farthest, Math.min(...distances));
        }
        assert.ok(farthest < 0.001, `${farthest} mm`);
        // segments first, then position along the normal, each frame with its own image
        const positions = source.images.map(({ sopInstance }) => sopInstance);
        const order = (found.order as [number, number, number, string][]).map((
          [segment, , , uid],
        ) => [segment, positions.indexOf(uid)]);
        assert.deepEqual(order, order.toSorted(([a, b], [c, d]) => a - c || b - d));
        assert.ok(order.every(([, position]) => position >= 0));
        const used = [...new Set(order.map(([, position]) => position))].sort();
        assert.deepEqual(
          found.order.map(([, , rank]: number[]) => rank),
          order.map(([, position]) => used.indexOf(position) + 1),
        );
        assert.deepEqual([found.series, found.instances], [source.uids.series, positions]);
        assert.deepEqual([found.labels, found.types], [SEGMENTS.map(({ name }) => name), [
          "Liver",
          "Kidney",
          "Tissue",
        ]]);
        assert.deepEqual(found.modifier, [false, true, false]);
        assert.deepEqual(Uint8Array.from(found.raw), source.images[0].raw(0x00100010));
        assert.equal(found.patient, name.includes("umlauts") ? "Müller^Jörg" : "Doe^Jane");
      }),
  );
}

Deno.test("encodeSegmentation() takes a mask on the grid of the converted volume, whichever way dcm2niix turned it", async () => {
  for (const name of ["axial", "sagittal", "oblique", "of one slice"]) {
    const dir = await Deno.makeTempDir();
    for (const { name: file, bytes } of SERIES[name]) await Deno.writeFile(`${dir}/${file}`, bytes);
    const { volume } = await readDicom(dir);
    await Deno.remove(dir, { recursive: true });
    const { grid } = readSourceSeries(SERIES[name], name);
    const onVolume = maskOf(SERIES[name]);
    const turned = {
      axes: [0, 1, 2] as Triple,
      flips: [0, 1, 2].map((axis) => {
        return [0, 1, 2].some((row) =>
          Math.abs(grid.affine[4 * row + axis] + volume.affine[4 * row + axis]) < 1e-3 &&
          Math.abs(grid.affine[4 * row + axis]) > 0.1
        );
      }) as [boolean, boolean, boolean],
    };
    const mask = { ...orient(onVolume, turned), affine: volume.affine, spacing: volume.spacing };
    const expected = encodeSegmentation(contentOf(SERIES[name]));
    assert.deepEqual(encodeSegmentation(contentOf(SERIES[name], { mask })).bytes, expected.bytes, name);
  }
});

const DICTIONARY = `
import json, sys
from pydicom.sr._concepts_dict import concepts
found = {code: [meaning for entry in concepts[scheme].values() for c, (meaning, _) in entry.items() if c == code]
         for scheme, code in json.loads(sys.argv[1])}
print(json.dumps(found))
`;

needs("python3-pydicom").test("ORGANS and SIDES are codes of the standard with these meanings", async () => {
  const codes = [...ORGANS.map(([, type]) => type), ...Object.values(SIDES), TISSUE];
  const found: Record<string, string[]> = JSON.parse(
    await runPython(DICTIONARY, [JSON.stringify(codes.map(({ scheme, code }) => [scheme, code]))]),
  );
  for (const { code, meaning } of codes) {
    assert.ok(
      found[code].some((one) => one.toLowerCase() === meaning.toLowerCase()),
      `${code} ${meaning}: ${found[code]}`,
    );
  }
});

Deno.test("codesOf() knows organs by their usual names, with a side where there are two, and all else as tissue", () => {
  const known = (name: string) => {
    const { type, modifier } = codesOf(name);
    return type.meaning + (modifier ? `, ${modifier.meaning}` : "");
  };
  const names = {
    LIVER: "Liver",
    "gall bladder": "Gallbladder",
    RK: "Kidney, Right",
    lk: "Kidney, Left",
    kidney_left: "Kidney, Left",
    "Right Kidney": "Kidney, Right",
    AG_R: "Adrenal gland, Right",
    "LV-BP": "Left Ventricle",
    "LV-MYO": "Left Ventricle Myocardium",
    RV: "Right ventricle",
    IVC: "Inferior vena cava",
    kidneys_and_more: "Tissue",
    "left liver": "Tissue",
    structure_82: "Tissue",
    left: "Tissue",
    "": "Tissue",
  };
  for (const [name, meaning] of Object.entries(names)) assert.equal(known(name), meaning, name);
});

Deno.test("dicomLab() gives L*, a*, b* of white, black and red under D50, and segments get colours that differ", () => {
  const lab = ([l, a, b]: readonly number[]) => [l / 65535 * 100, a / 65535 * 255 - 128, b / 65535 * 255 - 128];
  const near = (found: number[], expected: number[]) =>
    found.forEach((value, k) => assert.ok(Math.abs(value - expected[k]) < 0.05, `${found}`));
  near(lab(dicomLab([255, 255, 255])), [100, 0, 0]);
  near(lab(dicomLab([0, 0, 0])), [0, 0, 0]);
  near(lab(dicomLab([255, 0, 0])), [54.29, 80.81, 69.89]); // as colour management systems print it
  const colours = Array.from({ length: 28 }, (_, i) => segmentColour(i + 1).join());
  assert.equal(new Set(colours).size, 28);
});
