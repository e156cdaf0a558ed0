import { styleText } from "node:util";
import { type Progress, progressLine, severalProgressLine, wholeProgressLine } from "./progress_line.ts";
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

/** How much people are told: nothing but what needs attention; the usual; keys and every progress, too. */
export type Detail = "quiet" | "normal" | "verbose";

/** Fewest seconds between two lines of progress where there is no terminal. */
const LINE_SECONDS: Record<Detail, number> = { quiet: Infinity, normal: 10, verbose: 0 };

/** Events for people: a bar per stage on a terminal, plain lines elsewhere. */
export class TextReporter implements Reporter {
  readonly #terminal = Deno.stdout.isTerminal() && columns() > 0;
  readonly #detail: Detail;
  /** The stages that are being made, by name: several where trainings run side by side. */
  readonly #making = new Map<string, { rate: Rate; lastLine: number; progress?: Progress }>();

  /** @param detail quiet: what needs attention goes to standard error, and nothing to standard output */
  constructor(detail: Detail = "normal") {
    this.#detail = detail;
  }

  /** Shows the event. */
  report(event: PipelineEvent): void {
    const { stage = "", part, message = "", seconds } = event;
    const name = part ? `${stage} (${part})` : stage;
    if (this.#detail === "quiet" && event.event !== "warning" && event.event !== "error") return;
    const key = this.#detail === "verbose" && event.key ? `  ${event.key}` : "";
    switch (event.event) {
      case "plan":
        return this.#line(message);
      case "start":
        this.#making.set(name, { rate: new Rate(), lastLine: performance.now() });
        if (message) return this.#line(`${name}: ${message}${key}`);
        return this.#terminal && !key ? undefined : this.#line(`${name}: started${key}`);
      case "progress":
        return this.#progress(event);
      case "done":
        if (event.results) return this.#results(event.results);
        this.#making.delete(name);
        return this.#line(
          `${paint("green", "done")}    ${name.padEnd(12)} ${(seconds ?? 0).toFixed(1)} s${
            message ? `  ${message}` : ""
          }${key}`,
        );
      case "cached":
        return this.#line(`${paint("dim", "cached")}  ${name}${key}`);
      case "warning":
        return this.#line(`${paint("yellow", "warning")} ${name ? `${name}: ` : ""}${message}`);
      case "error":
        this.#making.delete(name);
        return this.#line(`${paint("red", "failed")}  ${name}: ${message}`);
    }
  }

  #results(results: Readonly<Record<string, string[]>>): void {
    for (const [what, paths] of Object.entries(results)) {
      for (const path of paths) this.#line(`${what.padEnd(8)} ${path}`);
    }
  }

  #progress({ stage = "", part, done = 0, total = 1, unit = "cases", message = "" }: PipelineEvent): void {
    const now = performance.now();
    const name = part ? `${stage} (${part})` : stage;
    const making = this.#making.get(name) ?? { rate: new Rate(), lastLine: 0 };
    this.#making.set(name, making);
    const progress = { name, done, total, unit, message, rate: making.rate.update(now / 1000, done) };
    making.progress = progress;
    if (this.#terminal) {
      const all = [...this.#making.values()].flatMap(({ progress }) => progress ?? []);
      const line = all.length > 1 ? severalProgressLine(all, columns() - 1) : progressLine(progress, columns() - 1);
      Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[2K${line}`));
      if (this.#detail === "verbose") console.log();
    } else if (now - making.lastLine > LINE_SECONDS[this.#detail] * 1000) {
      making.lastLine = now;
      this.#line(wholeProgressLine(progress));
    }
  }

  #line(text: string): void {
    if (this.#detail === "quiet") return console.error(text);
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
