import { endProfile, finished, startProfile } from "../gpu/mod.ts";
import { operatorTable, type PipelineEvent, type Tracer } from "../pipeline/mod.ts";

/** What a run's profile is written to and told to. */
export interface ProfileTarget {
  /** The file of the trace. */
  file: string;
  /** Told the operators, and where the trace lies. */
  report(event: PipelineEvent): void;
  /** Whether a stage that is made computes on the adapter, whose device is open then. */
  computes: boolean;
}

/**
 * Times every dispatch of the open device from now on.
 *
 * @param tracer is given what the device computes
 * @returns what ends it: the trace is written and its most expensive operators are told, however the run ended
 */
export function profileRun(tracer: Tracer, { file, report, computes }: ProfileTarget): AsyncDisposable {
  const timed = computes && startProfile((spans) => tracer.add(spans));
  return {
    async [Symbol.asyncDispose]() {
      if (timed) {
        await finished();
        await endProfile();
      }
      await Deno.writeTextFile(file, JSON.stringify(tracer.trace));
      const { operators } = tracer;
      const say = (message: string) => report({ event: "plan", message });
      if (operators.length > 0) say(`The most expensive operators:\n${operatorTable(operators)}`);
      else if (!computes) say("No operator was timed: no stage that was made computes on the adapter");
      else if (!timed) say("No operator was timed: the adapter has no timestamps");
      else say("No operator was timed");
      say(`profile ${file} (for chrome://tracing or ui.perfetto.dev)`);
    },
  };
}
