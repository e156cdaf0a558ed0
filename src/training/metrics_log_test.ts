import assert from "node:assert/strict";
import { join } from "node:path";
import { MetricsLog } from "./metrics_log.ts";
import { EVENT_FILE, scalarsRecord, versionRecord } from "./tensorboard.ts";

const TAGS = [
  { name: "total", tag: "loss/total" },
  { name: "learningRate", tag: "optimizer/learningRate" },
  { name: "threshold", tag: "threshold/support" },
  { name: "milliseconds" },
];

async function cut(text: string, step: number): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "metrics.jsonl");
    await Deno.writeTextFile(path, text);
    await new MetricsLog(dir, TAGS).cutBack(step);
    return await Deno.readTextFile(path);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const LINES = [1, 2, 3].map((step) => `{"step":${step},"case":"é"}\n`);

Deno.test("MetricsLog.cutBack() keeps the lines up to a step as they are", async () => {
  assert.equal(await cut(LINES.join(""), 2), LINES.slice(0, 2).join(""));
  assert.equal(await cut(LINES.join(""), 0), "");
  assert.equal(await cut(LINES.join(""), 9), LINES.join(""));
});

Deno.test("MetricsLog.cutBack() drops a line that a killed run left cut off, even one that is complete JSON", async () => {
  assert.equal(await cut(LINES[0] + LINES[1].slice(0, 9), 2), LINES[0]);
  assert.equal(await cut(LINES[0] + LINES[1].trimEnd(), 2), LINES[0]);
});

Deno.test("MetricsLog.cutBack() ends before a line that is no step after the ones before it", async () => {
  const others = ["null", "1", "[]", "{}", '"step"', '{"step":null}', '{"step":"2"}', '{"step":1}', '{"step":1.5}', ""];
  for (const line of others) assert.equal(await cut(`${LINES[0]}${line}\n${LINES[1]}`, 9), LINES[0], line);
});

Deno.test("MetricsLog.append() adds lines to those that are there, and starts without a file", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const log = new MetricsLog(dir, TAGS);
    await log.cutBack(0);
    await log.append([{ step: 1 }, { step: 2 }]);
    await log.append([{ step: 3 }]);
    await log.flush();
    assert.equal(await Deno.readTextFile(join(dir, "metrics.jsonl")), '{"step":1}\n{"step":2}\n{"step":3}\n');
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("MetricsLog keeps TensorBoard's file in step with the lines, without the time a step took", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const events = () => Deno.readFile(join(dir, EVENT_FILE));
    const record = (step: number) =>
      scalarsRecord(step, { "loss/total": step / 3, "optimizer/learningRate": 1e-3, "threshold/support": -14 });
    const all = (...steps: number[]) =>
      Uint8Array.from([versionRecord(), ...steps.map(record)].flatMap((part) => [...part]));
    const line = (step: number) => {
      return { step, case: "1", total: step / 3, learningRate: 1e-3, threshold: -14, milliseconds: 7 * step };
    };
    const log = new MetricsLog(dir, TAGS);
    await log.cutBack(0);
    await log.append([line(1), line(2)]);
    await log.append([line(3)]);
    assert.deepEqual(await events(), all(1, 2, 3));
    await Deno.writeFile(join(dir, EVENT_FILE), new Uint8Array(5), { append: true }); // killed while writing
    await new MetricsLog(dir, TAGS).cutBack(2);
    assert.deepEqual(await events(), all(1, 2));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
