import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import { encodeColourPng, encodePngPixels } from "../../imaging/io/png.ts";
import { readGreyPng, readPngPixels } from "../../imaging/files/png_file.ts";
import type { Random } from "../../random.ts";
import { crc32 } from "../../weights/crc32.ts";
import { expect, type FuzzFormat, type Outcome, outcomeOf } from "../format.ts";
import { fields, joined, noise, spoiledBytes, spoilField } from "../mutate_bytes.ts";

const WIDTH = 7, HEIGHT = 5;

interface Chunk {
  type: string;
  data: Uint8Array<ArrayBuffer>;
}

/** Grey pictures of 1 to 16 bits, with colours, with a palette. */
export const png: FuzzFormat = {
  seeds() {
    const bytes = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => 7 * i);
    const grey = encodePngPixels({ width: WIDTH, height: HEIGHT, data: bytes });
    const wide = encodePngPixels({ width: WIDTH, height: HEIGHT, data: Uint16Array.from(bytes, (x) => 257 * x) });
    const colour = encodeColourPng({ width: WIDTH, height: HEIGHT, data: Uint8Array.from({ length: 105 }, () => 9) });
    const bits = [1, 2, 4].map((depth) => small({ depth, colour: 0 }));
    return Promise.resolve([
      grey,
      wide,
      colour,
      ...bits,
      small({ depth: 8, colour: 3 }),
      small({ depth: 8, colour: 4 }),
    ]);
  },

  mutate(seed, random) {
    if (random.chance(0.2)) return spoiledBytes(seed, random);
    let chunks = chunksOf(seed);
    do chunks = spoilChunk(chunks, random); while (random.chance(0.3));
    return fileOf(chunks, random.chance(0.05) ? 1 : 0);
  },

  async check(bytes, dir) {
    const path = join(dir, "a.png");
    await writeFile(path, bytes);
    const outcomes: Outcome[] = [
      await outcomeOf(async () => {
        const { width, height, data } = await readGreyPng(path);
        expect(width > 0 && height > 0 && data.length === width * height, `${data.length} of ${width} × ${height}`);
      }),
    ];
    for (const labels of [false, true]) {
      outcomes.push(
        await outcomeOf(async () => {
          const { width, height, data } = await readPngPixels(path, { labels, warn: () => {} });
          expect(width > 0 && height > 0 && data.length === width * height, `${data.length} of ${width} × ${height}`);
        }),
      );
    }
    return outcomes.includes("taken") ? "taken" : "refused";
  },
};

/** A picture as the standard has it, of any depth and colour type. */
function small({ depth, colour }: { depth: number; colour: number }): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, WIDTH);
  view.setUint32(4, HEIGHT);
  header.set([depth, colour], 8);
  const stride = 1 + Math.ceil(WIDTH * depth * (colour === 4 ? 2 : 1) / 8);
  const rows = Uint8Array.from({ length: stride * HEIGHT }, (_, i) => i % stride === 0 ? 0 : 37 * i % 4);
  const palette = { type: "PLTE", data: new Uint8Array(12) };
  return fileOf([
    { type: "IHDR", data: header },
    ...(colour === 3 ? [palette] : []),
    { type: "IDAT", data: new Uint8Array(deflateSync(rows)) },
    { type: "IEND", data: new Uint8Array(0) },
  ]);
}

function chunksOf(bytes: Uint8Array<ArrayBuffer>): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset), found: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    found.push({ type, data: bytes.slice(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return found;
}

/** @param wrong added to every checksum */
function fileOf(chunks: readonly Chunk[], wrong = 0): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)];
  for (const { type, data } of chunks) {
    const body = joined([new TextEncoder().encode(type), data]);
    const frame = new DataView(new ArrayBuffer(8));
    frame.setUint32(0, data.length);
    frame.setUint32(4, crc32(body) + wrong);
    parts.push(new Uint8Array(frame.buffer, 0, 4), body, new Uint8Array(frame.buffer, 4, 4));
  }
  return joined(parts);
}

const HEADER_FIELDS = [...fields(0, "i32", 2), ...fields(0, "i32", 2), ...fields(8, "u8", 5)];

/** Kinds of chunks that a reader may look into. */
const TYPES = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP", "tEXt", "pHYs", "acTL", "fcTL", "fdAT", "zzZz"];

/** One change whose checksums are right again: what a reader sees that trusts them. */
function spoilChunk(chunks: Chunk[], random: Random): Chunk[] {
  const at = random.integer(Math.max(chunks.length, 1)), one = chunks[at];
  if (!one) return [{ type: "IHDR", data: noise(13, random) }];
  const changed = (data: Uint8Array<ArrayBuffer>) => chunks.with(at, { ...one, data });
  switch (random.integer(6)) {
    case 0:
    case 1: {
      const header = chunks.findIndex(({ type }) => type === "IHDR");
      if (header < 0) return chunks;
      const data = chunks[header].data.slice();
      spoilField(data, random.pick(HEADER_FIELDS), random);
      return chunks.with(header, { type: "IHDR", data });
    }
    case 2:
      return one.type === "IDAT" ? changed(repacked(one.data, random)) : changed(spoiledBytes(one.data, random));
    case 3:
      return changed(spoiledBytes(one.data, random));
    case 4:
      return random.chance(0.5) ? chunks.toSpliced(at, 1) : [...chunks.slice(0, at), ...chunks];
    default:
      return chunks.toSpliced(at, random.integer(2), {
        type: random.pick(TYPES),
        data: noise(random.integer(40), random),
      });
  }
}

/** Other rows, packed again: fewer, more, other filters. */
function repacked(data: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(deflateSync(spoiledBytes(new Uint8Array(inflateSync(data)), random)));
  } catch {
    return spoiledBytes(data, random); // changed before
  }
}
