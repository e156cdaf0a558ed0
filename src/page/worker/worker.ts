/// <reference lib="dom" />
// What computes: a worker of the page that holds the model. It reads and writes files as bytes, and asks nothing of anybody.

import { z } from "zod";
import { UserError } from "../../errors.ts";
import { DeviceError, tellDeviceFaults } from "../../gpu/mod.ts";
import { encodeSegmentation } from "../../imaging/io/dicom_seg.ts";
import { lastName } from "../../imaging/io/last_name.ts";
import { decodeNifti } from "../../imaging/io/nifti.ts";
import { encodeNifti } from "../../imaging/io/nifti_encode.ts";
import { labelValuesOn } from "../../imaging/label_values.ts";
import type { Answer, Ask, CallName, FaultKind, FromWorker, PageFile, PagePieces, ToWorker } from "../protocol.ts";
import { converterOf } from "./converter.ts";
import { Cancelled, Engine } from "./engine.ts";
import { demonstration } from "./demonstration.ts";
import { readScans } from "./read_scans.ts";
import { roomOfPage } from "./room.ts";
import { packed, unpackedBytes } from "./unpack.ts";

// Its faster way makes code of texts, which the page's policy forbids.
z.config({ jitless: true });

/** The worker's side of the line. */
const line = self as unknown as {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: (event: { data: ToWorker | { pieces: PagePieces } }) => void;
};

const engine = new Engine();
let pieces: PagePieces | undefined;

type Handlers = {
  [N in CallName]: (ask: Ask<N>, onProgress: (done: number, total: number) => void) => Answer<N> | Promise<Answer<N>>;
};

const HANDLERS: Handlers = {
  openModel: (ask) => engine.openModel(ask),
  readScans: ({ files }) => readScans(files, converterOf(pieces!), roomOfPage()),
  async readLabels({ file, image }) {
    const name = lastName(file.path), warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    const stored = decodeNifti(await unpackedBytes(file.content, name), name, {
      onHeader: warn,
      onVoxels: warn,
      notFinite: "background",
    });
    const { data } = labelValuesOn(image, stored, { name, notes: { header: warn, voxels: warn } });
    return { data, warnings };
  },
  makePhantoms: demonstration,
  fitScan: (ask) => engine.fitScan(ask),
  useShots: ({ shots, classes }) => ({ missing: engine.useShots(shots, classes) }),
  segment: (ask, onProgress) => engine.segment(ask, onProgress),
  cancel() {
    engine.cancel();
    return null;
  },
  writeNifti: ({ volume, written }) => packed(encodeNifti(volume, written)),
  async writeDicomSeg({ files, ...content }) {
    const series = await Promise.all(files.map(async ({ path, content }: PageFile) => {
      return { name: lastName(path), bytes: new Uint8Array(await content.arrayBuffer()) };
    }));
    const { bytes, warnings } = encodeSegmentation({ ...content, series });
    return { file: new Blob([bytes], { type: "application/dicom" }), warnings };
  },
};

line.onmessage = async ({ data }) => {
  if ("pieces" in data) return void (pieces = data.pieces);
  const { id, name, ask } = data;
  try {
    const answer =
      await (HANDLERS[name] as (ask: unknown, onProgress: (done: number, total: number) => void) => unknown)(
        ask,
        (done, total) => line.postMessage({ id, progress: [done, total] }),
      );
    line.postMessage({ id, answer }, transferred(answer));
  } catch (error) {
    line.postMessage({ id, fault: { kind: kindOf(error), message: messageOf(error) } });
  }
};

/** What browsers say, each in its words, where there is no memory for an array, or for what dcm2niix needs. */
const OUT_OF_MEMORY = /alloc|out of memory|array buffer|invalid (typed )?array length|Aborted\(OOM/i;

function kindOf(error: unknown): FaultKind {
  if (error instanceof Cancelled) return "cancelled";
  if (error instanceof UserError) return error.kind === "adapter" ? "adapter" : "data";
  if (error instanceof DeviceError) return kindOfDevice(error);
  if (OUT_OF_MEMORY.test(messageOf(error))) return "memory";
  return "fault";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Volumes are handed over, not copied. */
function transferred(answer: unknown): Transferable[] {
  const found = new Set<Transferable>();
  const visit = (value: unknown, depth: number) => {
    if (ArrayBuffer.isView(value)) {
      if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
    } else if (Array.isArray(value)) { if (value.length < 1000) value.forEach((one) => visit(one, depth + 1)); }
    else if (typeof value === "object" && value !== null && !(value instanceof Blob) && depth < 5) {
      Object.values(value).forEach((one) => visit(one, depth + 1));
    }
  };
  visit(answer, 0);
  return [...found];
}

// Nothing that was asked of a device that failed will be answered.
tellDeviceFaults((fault) => line.postMessage({ lost: "", kind: kindOfDevice(fault) }));

function kindOfDevice({ kind }: DeviceError): "lost" | "memory" {
  return kind === "memory" ? "memory" : "lost";
}
