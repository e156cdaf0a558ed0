import { styleText } from "node:util";
import { Rate } from "./rate.ts";

/** What happens in a run, one JSON object a line with `--json`. */
export interface PipelineEvent {
  /** Kind of event. */
  event: "plan" | "start" | "progress" | "done" | "cached" | "warning" | "error";
  /** Name of the stage, where one is concerned. */
  stage?: string;
  /** Which of several graphs it belongs to, for example "fold 2". */
  part?: string;
  /** Its key, where known. */
  key?: string;
  /** Cases or steps done. */
  done?: number;
  /** All of them. */
  total?: number;
  /** What is counted. */
  unit?: "cases" | "steps";
  /** More about the event, for people. */
  message?: string;
  /** Seconds that a stage took. */
  seconds?: number;
  /** Where the results of the run lie, by what they are; at its end. */
  results?: Record<string, string[]>;
  /** How the run ended; at its end. */
  exitCode?: number;
}

/** Is told of every event. */
export interface Reporter {
  /** Shows one event. */
  report(event: PipelineEvent): void;
}

/** Events as JSON, one object a line on standard output. */
export class JsonReporter implements Reporter {
  /** Writes the event with its time. */
  report(event: PipelineEvent): void {
    console.log(JSON.stringify({ time: new Date().toISOString(), ...event }));
  }
}

const BAR = 24;

/** Fewest seconds between two lines of progress where there is no terminal. */
const LINE_SECONDS = 10;

/** Events for people: a bar per stage on a terminal, plain lines elsewhere. */
export class TextReporter implements Reporter {
  readonly #terminal = Deno.stdout.isTerminal() && columns() > 0;
  #rate = new Rate();
  #lastLine = 0;

  /** Shows the event. */
  report(event: PipelineEvent): void {
    const { stage = "", part, message = "", seconds } = event;
    const name = part ? `${stage} (${part})` : stage;
    switch (event.event) {
      case "plan":
        return this.#line(message);
      case "start":
        this.#rate = new Rate();
        this.#lastLine = performance.now();
        if (message) return this.#line(`${name}: ${message}`);
        return this.#terminal ? undefined : this.#line(`${name}: started`);
      case "progress":
        return this.#progress(event);
      case "done":
        if (event.results) return this.#results(event.results);
        return this.#line(
          `${paint("green", "done")}    ${name.padEnd(12)} ${(seconds ?? 0).toFixed(1)} s${
            message ? `  ${message}` : ""
          }`,
        );
      case "cached":
        return this.#line(`${paint("dim", "cached")}  ${name}`);
      case "warning":
        return this.#line(`${paint("yellow", "warning")} ${name ? `${name}: ` : ""}${message}`);
      case "error":
        return this.#line(`${paint("red", "failed")}  ${name}: ${message}`);
    }
  }

  #results(results: Readonly<Record<string, string[]>>): void {
    for (const [what, paths] of Object.entries(results)) {
      for (const path of paths) this.#line(`${what.padEnd(8)} ${path}`);
    }
  }

  #progress({ stage = "", done = 0, total = 1, unit = "cases", message = "" }: PipelineEvent): void {
    const now = performance.now();
    const rate = this.#rate.update(now / 1000, done);
    const left = rate > 0 ? `, ${duration((total - done) / rate)} left` : "";
    const speed = rate > 0
      ? `, ${rate >= 1 ? `${rate.toFixed(1)} ${unit}/s` : `${(1 / rate).toFixed(1)} s a ${unit.slice(0, -1)}`}`
      : "";
    const text = `${stage.padEnd(12)} ${done}/${total} ${unit}${speed}${left}${message ? `  ${message}` : ""}`;
    if (this.#terminal) {
      const filled = Math.round(BAR * done / total);
      const line = `[${"=".repeat(filled)}${" ".repeat(BAR - filled)}] ${text}`.slice(0, columns() - 1);
      Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[2K${line}`));
    } else if (now - this.#lastLine > LINE_SECONDS * 1000) {
      this.#lastLine = now;
      this.#line(text);
    }
  }

  #line(text: string): void {
    if (this.#terminal) Deno.stdout.writeSync(new TextEncoder().encode("\r\x1b[2K"));
    console.log(text);
  }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}

function paint(colour: "green" | "dim" | "yellow" | "red", text: string): string {
  return Deno.stdout.isTerminal() && !Deno.noColor ? styleText(colour, text) : text;
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
