import assert from "node:assert/strict";
import { inFolder } from "../testing/temporary_folder.ts";
import type { PipelineEvent } from "./events.ts";
import type { Node } from "./graph.ts";
import { isAlive, RunRecorder, runRecords } from "./run_record.ts";
import type { RunRecord } from "./run_record_data.ts";

const ABOUT = { experiment: "x", command: ["pipeline", "x"], folder: "/", seed: 1, configuration: {}, differences: [] };

function state(name: string, key?: string): { node: Node; key?: string } {
  return { node: { stage: { name } } as unknown as Node, key };
}

Deno.test("RunRecorder keeps what a run was asked for and how far it came, and hands events on", () =>
  inFolder((dir) => {
    const handedOn: string[] = [];
    const recorder = new RunRecorder({ report: ({ event }) => void handedOn.push(event) });
    recorder.report({ event: "plan", message: "before it begins" });
    assert.deepEqual(runRecords(dir), []);
    recorder.begin(dir, ABOUT, [state("window", "k1"), state("train")], () => ({ adapter: "a" }));
    const events: PipelineEvent[] = [
      { event: "cached", stage: "window", key: "k1" },
      { event: "start", stage: "train", key: "k2" },
      { event: "progress", stage: "train", key: "k2", done: 3, total: 9, unit: "steps", message: "loss 2" },
      { event: "warning", stage: "train", key: "k2", message: "odd" },
      { event: "warning", stage: "train", key: "k2", message: "odd" },
    ];
    for (const event of events) recorder.report(event);
    const [running] = runRecords(dir);
    const [window, train] = running.stages;
    assert.deepEqual([running.state, window.state, train.state, train.key], ["running", "cached", "running", "k2"]);
    assert.deepEqual([train.done, train.total, train.message, running.warnings], [3, 9, "loss 2", ["train: odd"]]);
    assert.equal(isAlive(running), true);
    // the key of one of its cases, and that of the artifact without a case that was left out
    recorder.report({ event: "warning", stage: "train", key: "case", message: "odd" });
    assert.equal(recorder.record!.stages[1].key, "k2");
    recorder.report({ event: "done", stage: "train", key: "k3", seconds: 4 });
    assert.equal(recorder.record!.stages[1].key, "k3");
    recorder.end("failed", "no disk");
    const [ended] = runRecords(dir);
    assert.deepEqual([ended.state, ended.message, ended.stages[1].state, ended.stages[1].seconds], [
      "failed",
      "no disk",
      "made",
      4,
    ]);
    assert.deepEqual(handedOn, ["plan", ...events.map(({ event }) => event), "warning", "done"]);
    return Promise.resolve();
  }));

Deno.test("runRecords() passes a damaged record over; a run goes on where none can be kept", () =>
  inFolder(async (dir) => {
    await Deno.mkdir(`${dir}/.runs`);
    await Deno.writeTextFile(`${dir}/.runs/2000.json`, '{"cut');
    assert.deepEqual(runRecords(dir), []);
    await Deno.writeTextFile(`${dir}/file`, "");
    const recorder = new RunRecorder({ report: () => {} });
    recorder.begin(`${dir}/file`, ABOUT, [], () => ({}));
    recorder.end("done");
    assert.equal(recorder.record!.state, "done");
  }));

Deno.test("isAlive() tells a process that ended, one of a reused number, and one of another machine", async () => {
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", "0"] }).spawn();
  const record = (change: Partial<RunRecord>) => ({
    host: Deno.hostname(),
    process: Deno.pid,
    processStart: "",
    ...change,
  });
  const { pid } = child;
  await child.status;
  assert.equal(isAlive(record({ process: pid }) as RunRecord), false);
  if (Deno.build.os === "linux") assert.equal(isAlive(record({ processStart: "1" }) as RunRecord), false);
  assert.equal(isAlive(record({ host: "elsewhere" }) as RunRecord), undefined);
});
