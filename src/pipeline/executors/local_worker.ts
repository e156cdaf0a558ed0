import { UserError } from "../../errors.ts";
import { makeCase } from "../case_job.ts";
import { caseStageOf } from "../stage.ts";
import type { FromWorker, ToWorker } from "./local.ts";

/** What a dedicated worker has of its global scope; the project's types are those of the main thread. */
const scope = globalThis as unknown as {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};

let interrupt = new AbortController();

scope.onmessage = async ({ data }) => {
  if (data.type === "abort") return interrupt.abort();
  const { job } = data;
  interrupt = new AbortController();
  try {
    await import(job.module!); // adds its stages to those that are known
    await makeCase(caseStageOf(job.module!, job.stage), job, {
      signal: interrupt.signal,
      progress: (...progress) => scope.postMessage({ type: "progress", progress }),
      warn: (message) => scope.postMessage({ type: "warning", message }),
    });
    scope.postMessage({ type: "done" });
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const kind = error instanceof UserError ? error.kind : undefined;
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    scope.postMessage({ type: "failed", error: { name, message, stack, kind, code } });
  }
};
