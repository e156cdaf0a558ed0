import assert from "node:assert/strict";
import { UserError } from "../../errors.ts";
import { type DicomElement, encodeFile } from "./dicom_elements.ts";
import { readDicomSlice } from "./dicom_slice.ts";
import { imageElements } from "./dicom_writer.ts";

/** A slice of 5 × 4 pixels with other values of some elements; `undefined` leaves one out. */
function slice(changes: Record<number, DicomElement[2] | undefined> = {}): Uint8Array<ArrayBuffer> {
  const elements = imageElements({
    ...{ pixels: new Uint16Array(20), rows: 4, columns: 5, position: [0, 0, 0], rowCosine: [1, 0, 0] },
    ...{ columnCosine: [0, 1, 0], pixelSpacing: [2, 1.5], slice: { spacing: 6, thickness: 5 }, instance: 1 },
    ...{ patient: "ANON", description: "T2", seriesKey: "one" },
  });
  return encodeFile(elements.flatMap(([tag, vr, value]): DicomElement[] => {
    if (!(tag in changes)) return [[tag, vr, value]];
    const changed = changes[tag];
    return changed === undefined ? [] : [[tag, vr, changed]];
  }));
}

const ORIENTATION = 0x00200037, BITS = 0x00280100, POSITION = 0x00200032, SPACING = 0x00280030;

Deno.test("readDicomSlice() takes directions that were rounded, and passes over a number or thickness that is none", () => {
  const rounded = readDicomSlice(slice({ [ORIENTATION]: "0.707\\0.707\\0\\-0.707\\0.707\\0" }), "a");
  assert.deepEqual(rounded.rowCosine, [0.707, 0.707, 0]);
  const odd = readDicomSlice(slice({ 0x00200013: "x", 0x00180088: "1e999", 0x00180050: "0" }), "a");
  assert.deepEqual([odd.instance, odd.thickness], [undefined, undefined]);
});

Deno.test("readDicomSlice() refuses in our words what the parser fails on, and what would give a wrong grid", () => {
  const refused: [changes: Parameters<typeof slice>[0], message: RegExp][] = [
    [{ [BITS]: 0 }, /8, 16, 32 bits allocated for a pixel \(0028,0100\), found 0$/],
    [{ [BITS]: undefined }, /8, 16, 32 bits allocated for a pixel \(0028,0100\), found 0$/],
    [{ [BITS]: 12 }, /found 12$/],
    [{ [ORIENTATION]: "2\\0\\0\\0\\2\\0" }, /two unit vectors at right angles, found 2\\0\\0\\0\\2\\0$/],
    [{ [ORIENTATION]: "1\\0\\0\\1\\0\\0" }, /two unit vectors at right angles, found 1\\0\\0\\1\\0\\0$/],
    [{ [ORIENTATION]: "0\\0\\0\\0\\0\\0" }, /two unit vectors at right angles/],
    [{ [ORIENTATION]: "1\\0\\0" }, /an orientation \(0020,0037\) of 6 numbers, found 1\\0\\0$/],
    [{ [ORIENTATION]: "" }, /an orientation \(0020,0037\) of 6 numbers, found none$/],
    [{ [POSITION]: "9".repeat(3000) }, /a position \(0020,0032\) of 3 numbers, found 9{80}$/],
    [{ [SPACING]: "1e999\\1" }, /a pixel spacing \(0028,0030\) of 2 numbers, found 1e999\\1$/],
    [{ 0x7fe00010: undefined, 0x00080016: undefined }, /an object without pixels \(modality MR, SOP class none\)$/],
  ];
  for (const [changes, message] of refused) {
    assert.throws(() => readDicomSlice(slice(changes), "a.dcm"), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /^Cannot read "a\.dcm": expected /);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("readDicomSlice() refuses a file that is cut off anywhere, in our words", () => {
  const whole = slice();
  for (let length = 0; length < whole.length; length += 7) {
    assert.throws(() => readDicomSlice(whole.slice(0, length), "a"), UserError, `${length} bytes`);
  }
});
