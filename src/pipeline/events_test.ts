import assert from "node:assert/strict";
import { type Detail, type PipelineEvent, TextReporter } from "./events.ts";

/** One stage that is made and one that is not. */
const EVENTS: readonly PipelineEvent[] = [
  { event: "plan", message: "Plan" },
  { event: "cached", stage: "window", key: "k1" },
  { event: "start", stage: "train", part: "fold 2", key: "k2" },
  { event: "progress", stage: "train", part: "fold 2", key: "k2", done: 1, total: 2, unit: "steps", message: "loss 3" },
  { event: "warning", stage: "train", part: "fold 2", key: "k2", message: "odd" },
  { event: "done", stage: "train", part: "fold 2", key: "k2", seconds: 3 },
];

/** What a reporter writes to standard output and to standard error. */
function written(detail: Detail): { out: string[]; error: string[] } {
  const out: string[] = [], error: string[] = [];
  const { log, error: logError } = console;
  console.log = (line: string) => out.push(line);
  console.error = (line: string) => error.push(line);
  try {
    const reporter = new TextReporter(detail);
    for (const event of EVENTS) reporter.report(event);
  } finally {
    Object.assign(console, { log, error: logError });
  }
  return { out, error };
}

Deno.test({
  name: "TextReporter tells the usual, only what needs attention if quiet, and keys and every progress if verbose",
  ignore: Deno.stdout.isTerminal(), // which shows a bar instead
  fn: () => {
    const warning = "warning train (fold 2): odd";
    assert.deepEqual(written("normal").out, [
      "Plan",
      "cached  window",
      "train (fold 2): started",
      warning,
      "done    train (fold 2) 3.0 s",
    ]);
    assert.deepEqual(written("quiet"), { out: [], error: [warning] });
    assert.deepEqual(written("verbose").out, [
      "Plan",
      "cached  window  k1",
      "train (fold 2): started  k2",
      "train (fold 2) 1/2 steps  loss 3",
      warning,
      "done    train (fold 2) 3.0 s  k2",
    ]);
  },
});
