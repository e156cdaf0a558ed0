import { UserError } from "../../../errors.ts";
import { type Account, ACCOUNT_FIELDS, accountsOf } from "./accounts.ts";

/** A job of an array as the queue shows it. */
export interface QueuedTask {
  /** `JOB_TASK`. */
  id: string;
  /** Slurm's word for its state. */
  state: string;
  /** Why it waits. */
  reason: string;
  /** Name of the job. */
  name: string;
}

/** States in which a job will not run any more. */
const ENDED = /^(?:BOOT_FAIL|CANCELLED|COMPLETED|DEADLINE|FAILED|NODE_FAIL|OUT_OF_MEMORY|PREEMPTED|REVOKED|TIMEOUT)/;

/** Whether a job waits, runs, or is about to. */
export function isQueued({ state }: QueuedTask): boolean {
  return !ENDED.test(state);
}

/** Jobs of an array that Slurm takes where its configuration does not say. */
export const MOST_TASKS = 1001;

/** What a client says where the controller is away, which is no failure. */
const AWAY =
  /Unable to contact slurm controller|Socket timed out|Connection refused|Zero Bytes were transmitted|communication connection failure|temporarily unable to accept/i;

/** Milliseconds between two questions to a controller that is away. */
const AGAIN_MS = 3000;

/** Jobs that accounting is asked about at a time: a command line is not endless. */
const JOBS_A_CALL = 1000;

/** What {@link SlurmClient} needs to know. */
export interface ClientOptions {
  /** Tells the user that it waits. */
  warn(message: string): void;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
}

/** Slurm's own programs. A controller that is away is waited for. */
export class SlurmClient {
  readonly #options: ClientOptions;
  #isAway = false;

  /** @param options whom it tells */
  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Submits a script and returns the number of its job.
   *
   * @param job.name of which there is no other in the queue
   * @param job.options for the command line of `sbatch`
   * @throws {UserError} with what Slurm says, if it refuses
   */
  async submit(
    { name, script, options }: { name: string; script: string; options: readonly string[] },
  ): Promise<string> {
    for (;;) {
      const { code, stdout, stderr } = await this.#start("sbatch", ["--parsable", ...options], script);
      if (code === 0) return stdout.trim().split(";")[0];
      if (!AWAY.test(stderr)) throw refused(stderr);
      await this.#wait();
      // it may have been taken although nobody answered
      const [found] = (await this.queue()).filter((task) => task.name === name && isQueued(task));
      if (found) return found.id.split("_")[0];
    }
  }

  /** All jobs of the user's arrays that Slurm still knows. */
  async queue(): Promise<QueuedTask[]> {
    const lines = await this.#ask("squeue", ["--me", "-h", "-r", "-t", "all", "-o", "%F_%K|%T|%r|%j"]);
    return lines.split("\n").filter((line) => line !== "").map((line) => {
      const [id, state, reason, ...name] = line.split("|");
      return { id, state, reason, name: name.join("|") };
    });
  }

  /** Names of the nodes of a partition, or of all. */
  async nodes(partition: string | undefined): Promise<string[]> {
    const names = await this.#ask("sinfo", ["-h", "-N", "-o", "%N", ...partition ? ["-p", partition] : []]);
    return [...new Set(names.split("\n").filter((name) => name !== ""))];
  }

  /** Jobs of an array, at most. */
  async mostTasks(): Promise<number> {
    const settings = await this.#ask("scontrol", ["show", "config"]);
    const number = (pattern: RegExp) => Number(pattern.exec(settings)?.[1] ?? MOST_TASKS);
    return Math.max(1, Math.min(number(/^MaxArraySize\s*=\s*(\d+)/m), number(/\bmax_array_tasks=(\d+)/)));
  }

  /**
   * What Slurm's accounting says of jobs, by `JOB_TASK`.
   *
   * @returns why it says nothing where it does not: most small clusters keep no accounts
   */
  async accounts(jobs: readonly string[]): Promise<Map<string, Account> | string> {
    const accounts = new Map<string, Account>();
    for (let at = 0; at < jobs.length; at += JOBS_A_CALL) {
      const asked = ["-n", "-P", "-j", jobs.slice(at, at + JOBS_A_CALL).join(","), "-o", ACCOUNT_FIELDS.join(",")];
      const answer = await this.#start("sacct", asked).catch((error) => {
        if (error instanceof UserError) return undefined; // there is no such program
        throw error;
      });
      if (answer?.code !== 0) return answer?.stderr.trim().split("\n")[0] || "there is no sacct that answers";
      for (const [job, account] of accountsOf(answer.stdout)) accounts.set(job, account);
    }
    return accounts;
  }

  /** Cancels jobs. */
  async cancel(jobs: readonly string[]): Promise<void> {
    if (jobs.length > 0) await this.#ask("scancel", jobs);
  }

  async #ask(program: string, args: readonly string[]): Promise<string> {
    for (;;) {
      const { code, stdout, stderr } = await this.#start(program, args);
      if (code === 0) {
        this.#isAway = false;
        return stdout;
      }
      // one that ends without a word was ended by somebody, or could not so much as complain
      if (!AWAY.test(stderr) && stderr.trim() !== "") throw new Error(`${program} failed: ${stderr.trim()}`);
      await this.#wait();
    }
  }

  async #wait(): Promise<void> {
    if (!this.#isAway) this.#options.warn("Slurm's controller does not answer; waiting for it");
    this.#isAway = true;
    this.#options.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }

  async #start(program: string, args: readonly string[], input = "") {
    try {
      const child = new Deno.Command(program, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" })
        .spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {}); // it ended first
      const { code, stdout, stderr } = await child.output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code, stdout: text(stdout), stderr: text(stderr) };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new UserError(
        "usage",
        `Cannot use --executor slurm: expected Slurm's program "${program}" on PATH, found none. Type the command where ` +
          "sbatch works, on a login node",
      );
    }
  }
}

function refused(stderr: string): UserError {
  const said = stderr.split("\n").map((line) => line.replace(/^sbatch: (?:error: )?/, "").trim()).filter((line) =>
    line
  );
  const why = said.map((line) => line.replace(/^Batch job submission failed: /, "")).join("; ");
  return new UserError(
    "usage",
    `Cannot submit to Slurm: sbatch says "${why}". See the --slurm options: ./dfdt pipeline --help`,
  );
}
