import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DigestMemory, hashText } from "../../pipeline/digest.ts";
import { manifestsOf, readManifest } from "../../pipeline/manifest.ts";
import { readLastUses } from "../../pipeline/use_memory.ts";
import { runRecords } from "../../pipeline/run_record.ts";
import { appendMetrics, emptyLog } from "../../report/curves/training_curve.ts";
import { readRecord } from "../../segmentation/case_record.ts";
import { MetricsLog } from "../../training/metrics_log.ts";
import { decodeSnapshot } from "../../training/snapshot_file.ts";
import type { Random } from "../../random.ts";
import { encodeSafetensors } from "../../weights/safetensors.ts";
import { expect, type FuzzFormat, type Outcome, outcomeOf } from "../format.ts";
import { joined, spoiledBytes } from "../mutate_bytes.ts";
import { type Json, spoiledJson, spoiledJsonText } from "../mutate_json.ts";
import { checkTensors, spoiledSafetensors } from "./weights.ts";

const KEY = "0123456789abcdef01234567", SHA256 = hashText("");

/** A file of our own, of JSON: what was not written by us is as if it were not there. */
function ownFile(
  examples: readonly Json[],
  file: string,
  isTaken: (path: string, dir: string) => Promise<boolean>,
): FuzzFormat {
  return {
    seeds: () => Promise.resolve(examples.map((one) => new TextEncoder().encode(JSON.stringify(one)))),
    mutate: (seed, random) => spoiledJson(JSON.parse(new TextDecoder().decode(seed)), random),
    async check(bytes, dir) {
      const path = join(dir, file);
      await mkdir(join(path, ".."), { recursive: true });
      await writeFile(path, bytes);
      return await isTaken(path, dir) ? "taken" : "refused";
    },
  };
}

/** `manifest.json` of an artifact with one file. */
export const manifest: FuzzFormat = ownFile(
  [{
    stage: "window",
    version: 1,
    key: KEY,
    parameters: { lowerHU: -125 },
    inputs: { raw: { a: { sha256: SHA256, file: "a.nii.gz" } } },
    files: [{ path: "a.txt", bytes: 3, sha256: SHA256, content: SHA256 }],
    startTime: "2026-01-01T00:00:00.000Z",
    endTime: "2026-01-01T00:00:01.000Z",
    versions: { deno: "2.9.6" },
    warnings: ["small"],
  }],
  `stage/${KEY}/manifest.json`,
  async (_, dir) => {
    const artifact = join(dir, "stage", KEY);
    await writeFile(join(artifact, "a.txt"), "abc");
    for (const one of await manifestsOf(join(dir, "stage"))) expect(typeof one.endTime === "string", "no time");
    await readManifest(artifact, true);
    const found = await readManifest(artifact);
    if (!found) return false;
    expect(found.key === KEY && found.stage.length > 0 && Number.isFinite(found.version), JSON.stringify(found));
    expect(found.files.every(({ path, bytes }) => path === "a.txt" && bytes === 3), JSON.stringify(found.files));
    expect(found.files.every(({ content }) => /^[0-9a-f]{64}$/.test(content)), JSON.stringify(found.files));
    expect(found.warnings.every((text) => typeof text === "string"), JSON.stringify(found.warnings));
    return true;
  },
);

/** `CASE.json` of a segmented scan. */
export const caseRecord: FuzzFormat = ownFile(
  [{
    format: "dfdt-segmentation/1",
    query: SHA256,
    supports: [{ image: SHA256, label: SHA256 }],
    model: SHA256,
    options: { labels: [1] },
    classes: [{ label: 1, name: "liver", voxels: 5, millilitres: 0.1, slices: 2, disagreement: null }],
    files: { "a.nii.gz": SHA256 },
    outside: 0.1,
    warnings: [],
  }],
  "a.json",
  async (path) => {
    const found = await readRecord(path);
    if (!found) return false;
    expect(found.classes.every(({ voxels, slices }) => voxels >= 0 && slices >= 0), JSON.stringify(found.classes));
    const names = Object.keys(found.files);
    expect(names.every((name) => /^(sheets\/)?[^/\\\0]+$/.test(name) && !/(^|\/)\.\.?$/.test(name)), names.join());
    return true;
  },
);

/** What is remembered in the working directory: digests, uses, records of runs. */
export const memory: FuzzFormat = ownFile(
  [
    { "/data/a.nii.gz": { stamp: "1 2 3", digest: SHA256 } },
    { "phantom/train/key": "2026-01-01" },
    {
      ...{ experiment: "phantom", command: ["pipeline"], folder: "/", host: "here", process: 1, processStart: "5" },
      ...{ seed: 1, configuration: {}, differences: [], state: "running", versions: {}, warnings: ["small"] },
      ...{ startTime: "2026-01-01", lastTime: "2026-01-01", stages: [{ stage: "train", state: "running" }] },
    },
  ],
  "work/.digests.json",
  async (path, dir) => {
    const bytes = await readFile(path), work = join(dir, "work");
    const raw = join(dir, "raw.txt");
    await writeFile(raw, "abc");
    const digest = await new DigestMemory(work).digest(raw, false);
    expect(digest === hashText("abc"), `digest ${digest}`);
    await writeFile(join(work, ".used.json"), bytes);
    const uses = await readLastUses(work);
    for (const day of Object.values(uses)) expect(!Number.isNaN(Date.parse(day)), `day ${day}`);
    await mkdir(join(work, ".runs"), { recursive: true });
    await writeFile(join(work, ".runs", "a.json"), bytes);
    const records = runRecords(work);
    for (const { stages, warnings, versions } of records) {
      expect(Array.isArray(stages) && Array.isArray(warnings) && versions !== null, "a record without stages");
    }
    return Object.keys(uses).length + records.length > 0;
  },
);

/** What a network of two tensors and an optimiser with a velocity want. */
const WANTED = {
  step: 20,
  entries: [{ name: "a.weight", shape: [2, 3] }, { name: "b", shape: [] }],
  sizes: new Map([["optimizer.velocity", 8]]),
  names: ["samplerCursor", "batchesTracked"],
};

/** Snapshots of a training that is not finished. */
export const snapshot: FuzzFormat = {
  seeds() {
    const zeros = (shape: number[], count: number) => ({ dtype: "F32" as const, shape, data: new Float32Array(count) });
    const tensors = new Map([
      ["a.weight", zeros([2, 3], 6)],
      ["b", zeros([], 1)],
      ["optimizer.velocity", zeros([8], 8)],
    ]);
    const extra = JSON.stringify({ samplerCursor: 5, batchesTracked: 20 });
    return Promise.resolve([encodeSafetensors(tensors, { step: "20", extra })]);
  },
  mutate: spoiledSafetensors,
  check(bytes) {
    return outcomeOf(() => {
      const { tensors, extra } = decodeSnapshot(bytes, "step-20.safetensors", WANTED);
      checkTensors(tensors);
      for (const { name, shape } of WANTED.entries) expect(tensors.get(name)?.shape.join() === shape.join(), name);
      for (const { data } of tensors.values()) {
        expect(!(data instanceof Float32Array) || data.length === 0 || data.some(Number.isFinite), "nothing finite");
      }
      for (const name of WANTED.names) expect(Number.isFinite(extra[name]), `${name} ${extra[name]}`);
    });
  },
};

/** A line of the log. */
function logLine(step: number): Json {
  return { step, case: "a", supervoxel: 3, slices: [1, 2], total: 1 / step, episodeDice: 0.5, milliseconds: 9 };
}

/** `metrics.jsonl`, which a resumed training cuts back to its snapshot, and which pages draw. */
export const metrics: FuzzFormat = {
  seeds: () => Promise.resolve([fileOf([1, 2, 3, 4, 5].map((step) => JSON.stringify(logLine(step))))]),

  mutate(seed, random) {
    if (random.chance(0.3)) return spoiledBytes(seed, random);
    const lines = new TextDecoder().decode(seed).split("\n").slice(0, -1);
    do spoilLine(lines, random); while (random.chance(0.3));
    return random.chance(0.3) ? fileOf(lines).slice(0, -1 - random.integer(20)) : fileOf(lines);
  },

  async check(bytes, dir): Promise<Outcome> {
    const path = join(dir, "metrics.jsonl");
    await writeFile(path, bytes);
    await new MetricsLog(dir, [{ name: "total", tag: "total" }]).cutBack(3);
    const kept = await readFile(path);
    expect(kept.length <= bytes.length && kept.every((byte, i) => byte === bytes[i]), "lines that were not there");
    const lines = kept.toString("utf8").split("\n");
    expect(lines.pop() === "", "half a line");
    const steps = lines.map((line) => JSON.parse(line).step as number);
    expect(steps.every((step, i) => step <= 3 && (i === 0 || step > steps[i - 1])), `steps ${steps}`);
    const log = emptyLog();
    appendMetrics(log, new TextDecoder().decode(bytes));
    for (const values of Object.values(log.values)) {
      expect(values.length === log.steps.length, "a column that is short");
    }
    expect(Number.isFinite(log.milliseconds), `${log.milliseconds} ms`);
    return steps.length === 3 ? "taken" : "refused";
  },
};

function spoilLine(lines: string[], random: Random): void {
  const at = random.integer(lines.length);
  switch (random.integer(4)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, random.pick(lines));
      break;
    case 2:
      lines[at] = random.pick(["null", "1", "[]", "{}", "", '{"step":null}', '{"step":"2"}', '{"step":1e999}']);
      break;
    default:
      lines[at] = spoiledJsonText(logLine(at + 1), random);
  }
  if (lines.length === 0) lines.push("");
}

function fileOf(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return joined([new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""))]);
}
