import { type PipelineEvent, type Reporter, type RunRecord, RunRecorder } from "../pipeline/mod.ts";

/** Keeps the record of each experiment that a command runs, and hands every event on. */
export class RunRecords implements Reporter {
  readonly #recorders = new Map<string, RunRecorder>();
  #last: Reporter;
  readonly #file: string | undefined;

  /**
   * @param inner is told of every event
   * @param file where the record goes of a process that a job of a cluster starts
   */
  constructor(inner: Reporter, file?: string) {
    this.#last = inner;
    this.#file = file;
  }

  /** Begins the record of one more experiment: {@link RunRecorder.begin}. */
  begin(...[directory, about, ...others]: Parameters<RunRecorder["begin"]>): void {
    const recorder = new RunRecorder(this.#last, this.#file);
    recorder.begin(directory, about, ...others);
    this.#recorders.set(about.experiment, recorder);
    this.#last = recorder;
  }

  /** The record of an experiment so far; none before it has begun. */
  of(experiment: string): RunRecord | undefined {
    return this.#recorders.get(experiment)?.record;
  }

  /** The records that have begun, by experiment. */
  get all(): [experiment: string, record: RunRecord][] {
    return [...this.#recorders].flatMap(([name, { record }]) => record ? [[name, record]] : []);
  }

  /** Notes an event and hands it on. */
  report(event: PipelineEvent): void {
    this.#last.report(event);
  }

  /** Ends all records. */
  end(...how: Parameters<RunRecorder["end"]>): void {
    for (const recorder of this.#recorders.values()) recorder.end(...how);
  }
}
