import type { PageData, PageOutcome } from "../page_data.ts";

const WORDS: Record<PageOutcome["state"], string> = {
  done: "finished",
  failed: "failed",
  interrupted: "interrupted",
  running: "running",
  unfinished: "not finished",
};

/** How it stands with the run, in a word. */
export function StateBadge({ state }: PageOutcome) {
  return <span class={`badge ${state}`}>{WORDS[state]}</span>;
}

/** What became of a run that did not come to its end. */
export function Outcome({ outcome }: Pick<PageData, "outcome">) {
  const { state, message } = outcome;
  if (state === "done") return null;
  return (
    <div class={`banner ${state}`} role="note">
      <strong>
        {state === "failed"
          ? "The run failed."
          : state === "interrupted"
          ? "The run was interrupted."
          : state === "running"
          ? "The run goes on: this page shows what there was when it was made."
          : "The run is not finished."}
      </strong>
      {message && <pre>{message}</pre>}
      {state !== "running" && <p>What is finished is kept. The same command goes on from there.</p>}
    </div>
  );
}
