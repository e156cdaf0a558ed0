import denoJson from "../../../deno.json" with { type: "json" };
import { relate } from "../geometry.ts";
import { orient } from "../orient.ts";
import type { Volume, VoxelArray } from "../volume.ts";
import { codesOf, type DicomCode, type SegmentCodes } from "./dicom_codes.ts";
import { encodeFile, uidOf } from "./dicom_elements.ts";
import {
  carriedTexts,
  dimensionElements,
  equipmentElements,
  type Frame,
  frameElements,
  imageElements,
  metaElements,
  referenceElements,
  segmentElements,
} from "./dicom_seg_modules.ts";
import { type DicomFile, readSourceSeries, type SourceSeries } from "./dicom_source.ts";
import { sha256Hex } from "./sha256.ts";

/** A class of a mask. */
export interface Segment {
  /** What the mask's voxels of the class hold. */
  value: number;
  /** Its name. */
  name: string;
}

/** What the class of a name is, where the name does not say, or says it wrong. */
export interface NamedCode extends DicomCode {
  /** Name of the class. */
  name: string;
}

/** What a segmentation object is made of. */
export interface SegmentationContent {
  /** The files of the series that was segmented, in any order. */
  series: readonly DicomFile[];
  /** What the series is called in messages. */
  name: string;
  /** The class of every voxel on the series' own grid, the voxels in any order; 0 is background. */
  mask: Volume;
  /** The classes: each becomes a segment, numbered from 1 in this order. */
  segments: readonly Segment[];
  /** What they are, where {@link codesOf} their names is not it. */
  codes?: readonly NamedCode[];
  /** What made the mask: sha256 of the model's file. */
  model: string;
}

/** A segmentation object. */
export interface EncodedSegmentation {
  /** The whole file. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What it could not carry on from the series, and what it had to make up. */
  warnings: string[];
}

/**
 * Writes a mask as a segmentation object (DICOM PS3.3, A.51, type BINARY) that refers to the series it was made of: a frame
 * for each segment and each image that shows it, by segment, then by position along the normal. Identifiers follow from
 * series, mask and model, and dates are the series' own, so that the same mask gives the same bytes.
 *
 * @throws {UserError} if the files do not make one evenly spaced series; it names the two that do not fit, and where they lie
 * @throws {RangeError} for a mask on another grid, with values that no segment has, or no sha256
 */
export function encodeSegmentation(content: SegmentationContent): EncodedSegmentation {
  const { segments, model, codes = [] } = content;
  if (!/^[0-9a-f]{64}$/.test(model)) throw new RangeError(`Cannot write a mask: expected a sha256, found "${model}"`);
  if (segments.length === 0) throw new RangeError("Cannot write a mask: expected at least one segment, found none");
  const source = readSourceSeries(content.series, content.name);
  const voxels = voxelsOnSource(content.mask, source);
  const warnings = [...source.warnings];
  const warn = (message: string) => void warnings.push(message);
  const frames = framesOf(voxels, source, segments);
  if (frames.length === 0) {
    warn("the mask is empty: a segmentation object must hold a frame, so it holds one without a voxel");
    frames.push({ segment: 1, slice: 0 });
  }
  const pixels = packed(frames, voxels, { source, segments });
  const meanings = segments.map(({ name }) => meaningOf(name, codes));
  const series = [source.uids.series, ...source.images.map(({ sopInstance }) => sopInstance)];
  const digest = sha256Hex(pixels, JSON.stringify([series, frames, segments, meanings, model, denoJson.version]));
  const uids = {
    instance: uidOf(`${digest} instance`),
    series: uidOf(`${digest} series`),
    dimensions: uidOf(`${digest} dimensions`),
  };
  const { elements: carried, labels } = carriedTexts(source, segments.map(({ name }) => name), warn);
  return {
    bytes: encodeFile([
      ...metaElements(uids),
      ...carried,
      ...equipmentElements(uids, { source, model, version: denoJson.version }),
      ...referenceElements(source),
      ...imageElements(source, { frames: frames.length, warn }),
      ...segmentElements(meanings, { labels, model }),
      ...dimensionElements(uids),
      ...frameElements(frames, source),
      [0x7fe00010, "OB", pixels],
    ]),
    warnings,
  };
}

function meaningOf(name: string, codes: readonly NamedCode[]): SegmentCodes {
  const given = codes.find((one) => one.name === name);
  const { category, type, modifier } = codesOf(name);
  if (!given) return { category, type, modifier };
  return { category, type: { scheme: given.scheme, code: given.code, meaning: given.meaning } };
}

/** The mask's voxels in the order of {@link SourceSeries.grid}. */
function voxelsOnSource(mask: Volume, { grid }: SourceSeries): VoxelArray {
  const relation = relate(grid, mask);
  if (relation.kind === "same") return mask.data;
  if (relation.kind === "turned") return orient(mask, relation.orientation).data;
  const found = relation.kind === "unlike" ? mask.size.join(" × ") : `one ${relation.mm.toFixed(1)} mm away`;
  throw new RangeError(
    `Cannot write a mask: expected the grid of its series, ${grid.size.join(" × ")}, found ${found}`,
  );
}

/** The frames that show something, by segment, then by slice. */
function framesOf(
  voxels: VoxelArray,
  { grid: { size: [nx, ny, nz] } }: SourceSeries,
  segments: readonly Segment[],
): Frame[] {
  const numbers = new Map(segments.map(({ value }, i) => [value, i + 1]));
  const frames: Frame[] = [];
  for (let slice = 0; slice < nz; slice++) {
    const shown = new Set<number>();
    for (let i = slice * nx * ny; i < (slice + 1) * nx * ny; i++) if (voxels[i] !== 0) shown.add(voxels[i]);
    for (const value of shown) {
      const segment = numbers.get(value);
      if (segment === undefined) {
        throw new RangeError(
          `Cannot write a mask: expected the values ${[...numbers.keys()].join(", ")}, found ${value}`,
        );
      }
      frames.push({ segment, slice });
    }
  }
  return frames.sort((a, b) => a.segment - b.segment || a.slice - b.slice);
}

/** The pixels of all frames, a bit each, rows from the top, the first in a byte's lowest bit. */
function packed(
  frames: readonly Frame[],
  voxels: VoxelArray,
  { source: { grid: { size: [nx, ny] } }, segments }: { source: SourceSeries; segments: readonly Segment[] },
): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(frames.length * nx * ny / 8));
  let bit = 0;
  for (const { segment, slice } of frames) {
    const { value } = segments[segment - 1];
    for (let y = ny - 1; y >= 0; y--) { // rows are reversed in the volume
      const row = (slice * ny + y) * nx;
      for (let x = 0; x < nx; x++, bit++) if (voxels[row + x] === value) bytes[bit >> 3] |= 1 << (bit & 7);
    }
  }
  return bytes;
}
