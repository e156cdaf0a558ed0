import assert from "node:assert/strict";
import { operatorTable, Tracer } from "./trace.ts";
import type { PipelineEvent } from "./events.ts";

/** A tracer whose clock stands still between its ticks. */
function tracerWithClock() {
  const events: PipelineEvent[] = [];
  const clock = { now: 0 };
  const tracer = new Tracer({ report: (event) => events.push(event) }, () => clock.now);
  const at = (now: number, event: PipelineEvent) => {
    clock.now = now;
    tracer.report(event);
  };
  return { tracer, events, clock, at };
}

type Slice = { ph: string; tid: number; name: string; ts: number; dur: number };
const slices = (tracer: Tracer, tid: number) =>
  (tracer.trace.traceEvents as Slice[]).filter((event) => event.ph === "X" && event.tid === tid)
    .map(({ name, ts, dur }) => [name, ts, dur]);

Deno.test("Tracer hands events on and shows every stage that was made, also one that did not end", () => {
  const { tracer, events, clock, at } = tracerWithClock();
  at(1, { event: "cached", stage: "window" });
  at(2, { event: "start", stage: "train", part: "fold 1" });
  at(3, { event: "progress", stage: "train", part: "fold 1" });
  at(12, { event: "done", stage: "train", part: "fold 1" });
  at(13, { event: "start", stage: "test" });
  clock.now = 15;
  assert.deepEqual(slices(tracer, 1), [["train (fold 1)", 2000, 10_000], ["test", 13_000, 2000]]);
  assert.deepEqual(events.map(({ event }) => event), ["cached", "start", "progress", "done", "start"]);
});

Deno.test("Tracer puts the device's work on the clock of the process, and sums it up by operator", () => {
  const { tracer, clock } = tracerWithClock();
  const work = (label: string, start: number, end: number) => {
    const epoch = 10n ** 18n; // beyond what a number holds to the nanosecond
    return { label, start: epoch + BigInt(start * 1e6), end: epoch + BigInt(end * 1e6) };
  };
  clock.now = 140; // told 40 ms late
  tracer.add([work("matmul", 0, 60), work("add", 60, 100)]);
  clock.now = 151; // told 1 ms late
  tracer.add([work("matmul", 100, 150)]);
  assert.deepEqual(slices(tracer, 2), [["matmul", 1000, 60_000], ["add", 61_000, 40_000], ["matmul", 101_000, 50_000]]);
  assert.deepEqual(
    tracer.operators.map(({ operator, dispatches, milliseconds }) => [operator, dispatches, milliseconds]),
    [
      ["matmul", 2, 110],
      ["add", 1, 40],
    ],
  );
  assert.equal(
    operatorTable(tracer.operators, 1),
    "operator  dispatches     ms   share\nmatmul             2  110.0  73.3 %",
  );
});

Deno.test("Tracer shows the first hundred thousand dispatches and counts all", () => {
  const { tracer } = tracerWithClock();
  for (let i = 0n; i < 1001n; i++) {
    tracer.add(Array.from({ length: 100 }, () => ({ label: "add", start: 1000n * i, end: 1000n * i + 1000n })));
  }
  const { otherData } = tracer.trace as { otherData: { dispatches: number; shown: number } };
  assert.deepEqual([otherData.dispatches, otherData.shown], [100_100, 100_000]);
  assert.equal(tracer.operators[0].dispatches, 100_100);
});
