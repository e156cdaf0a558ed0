import assert from "node:assert/strict";
import { encode } from "fast-png";
import { UserError } from "../../errors.ts";
import { readGreyPng, writeGreyPng } from "../files/png_file.ts";

async function inFolder(body: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(`${dir}/a-1.png`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("readGreyPng() reads what writeGreyPng() writes, the same bytes every time", () =>
  inFolder(async (path) => {
    const image = { width: 3, height: 2, data: Uint8Array.of(0, 63, 126, 189, 252, 255) };
    await writeGreyPng(path, image);
    const bytes = await Deno.readFile(path);
    assert.deepEqual(await readGreyPng(path), image);
    await writeGreyPng(path, image);
    assert.deepEqual(await Deno.readFile(path), bytes);
  }));

Deno.test("readGreyPng() unpacks 1, 2 and 4 bits and stretches them", () =>
  inFolder(async (path) => {
    // rows of five pixels begin at a byte of their own
    const packed = {
      1: { data: [0b10110_000, 0b00001_000], expected: [255, 0, 255, 255, 0, 0, 0, 0, 0, 255] },
      2: {
        data: [0b00_01_10_11, 0b01_000000, 0b11_11_00_00, 0b10_000000],
        expected: [0, 85, 170, 255, 85, 255, 255, 0, 0, 170],
      },
      4: { data: [0x01, 0x2f, 0x30, 0xff, 0x00, 0x90], expected: [0, 17, 34, 255, 51, 255, 255, 0, 0, 153] },
    };
    for (const [depth, { data, expected }] of Object.entries(packed)) {
      await Deno.writeFile(path, greyPng({ width: 5, height: 2, depth: Number(depth), rows: Uint8Array.from(data) }));
      assert.deepEqual([...(await readGreyPng(path)).data], expected, `${depth} bits`);
    }
  }));

/** A PNG of any depth: the encoder of the library writes 8 and 16 bits alone. */
function greyPng({ width, height, depth, rows }: { width: number; height: number; depth: number; rows: Uint8Array }) {
  const eight = encode({ width: rows.length / height, height, data: rows, channels: 1, depth: 8 });
  const bytes = Uint8Array.from(eight);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint8(24, depth);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const colours = (channels: 2 | 3 | 4) => encode({ width: 2, height: 1, data: new Uint8Array(2 * channels), channels });

/** A grey picture of 3 × 2 pixels whose header says another size or way of storing. */
function withHeader(change: (header: DataView) => void): Uint8Array {
  const bytes = Uint8Array.from(encode({ width: 3, height: 2, data: new Uint8Array(6), channels: 1 }));
  change(new DataView(bytes.buffer, 16));
  new DataView(bytes.buffer).setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

/** Bytes of a file, and what the message says of it. */
const MISTAKES: [what: string, bytes: Uint8Array, message: RegExp][] = [
  ["a colour PNG", colours(3), /expected a grey PNG of 8 bits, found colours$/],
  ["colours with transparency", colours(4), /found colours with transparency/],
  ["grey levels with transparency", colours(2), /found grey levels with transparency/],
  [
    "a palette",
    Uint8Array.from(encode({ width: 1, height: 1, data: new Uint8Array(1), channels: 1 })).fill(3, 25, 26),
    /found a palette of colours/,
  ],
  ["16 bits", encode({ width: 1, height: 1, data: new Uint16Array(1), channels: 1, depth: 16 }), /found 16 bits/],
  ["something else", new TextEncoder().encode("no picture ".repeat(9)), /found a text file/],
  [
    "a damaged file",
    Uint8Array.from(encode({ width: 9, height: 9, data: new Uint8Array(81), channels: 1 })).fill(7, 45, 46),
    /found a damaged one \(.*\)/,
  ],
  ["a width that no picture has", withHeader((view) => view.setUint32(0, 0xffffffff)), /4294967295 × 2 pixels/],
  [
    "more pixels than the file can hold",
    withHeader((view) => view.setUint32(0, 2 ** 26)),
    /67108864 × 2 pixels in \d+ bytes: the file is damaged/,
  ],
  [
    "a last row that is cut off", // the decoder leaves the rest of it 0
    withHeader((view) => view.setUint32(0, 4)),
    /its rows have 8 bytes, its header promises 10/,
  ],
  [
    "rows that are too long",
    withHeader((view) => view.setUint32(4, 1)),
    /its rows are longer than the 4 bytes that its header promises/,
  ],
  [
    "interlaced rows of less than 8 bits", // which the decoder takes for bytes
    withHeader((view) => (view.setUint8(8, 4), view.setUint8(12, 1))),
    /one of 4 bits that is interlaced\. Save it without interlacing/,
  ],
  [
    "a depth that its colours do not have",
    withHeader((view) => view.setUint8(8, 3)),
    /one of 3 bits and colour type 0/,
  ],
];

for (const [what, bytes, message] of MISTAKES) {
  Deno.test(`readGreyPng() refuses ${what}`, () =>
    inFolder(async (path) => {
      await Deno.writeFile(path, bytes);
      await assert.rejects(readGreyPng(path), (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.match(error.message, message);
        assert.match(error.message, /a-1\.png": expected a grey PNG of 8 bits/);
        return true;
      });
    }));
}

Deno.test("readGreyPng() refuses a missing file", () =>
  inFolder((path) =>
    assert.rejects(readGreyPng(path), /a-1\.png": expected a grey PNG of 8 bits, found no such file/)
  ));
