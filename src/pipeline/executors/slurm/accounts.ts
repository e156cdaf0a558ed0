/** What Slurm's accounting says of a job. */
export interface Account {
  /** Slurm's word for its state. */
  state: string;
  /** Seconds that it ran, in its last start. */
  seconds: number;
  /** Seconds that it might; none where it was not limited. */
  secondsAsked?: number;
  /** Most bytes of memory of any of its steps; none while it runs. */
  memory?: number;
  /** Memory that it might take, as Slurm writes it. */
  memoryAsked?: string;
}

/** What `sacct` is asked for, in the order of {@link accountsOf}. */
export const ACCOUNT_FIELDS = ["JobID", "State", "ElapsedRaw", "TimelimitRaw", "ReqMem", "MaxRSS"] as const;

/**
 * Reads what `sacct --noheader --parsable2` says, by `JOB_TASK`. A job has a line of its own, with what it asked for, and one
 * for each of its steps, with what that took (sacct(1)).
 */
export function accountsOf(text: string): Map<string, Account> {
  const accounts = new Map<string, Account>();
  for (const line of text.split("\n")) {
    const [id, state = "", elapsed = "", limit = "", asked = "", most = ""] = line.split("|");
    const [, job, step] = /^(\d+_\d+)(\..*)?$/.exec(id) ?? [];
    if (job === undefined) continue;
    if (step === undefined) {
      accounts.set(job, {
        state: state.split(" ")[0], // CANCELLED by 1000
        seconds: Number(elapsed) || 0,
        secondsAsked: /^\d+$/.test(limit) ? Number(limit) * 60 : undefined,
        memoryAsked: asked.replace(/[nc]$/, "") || undefined, // before 21.08: of a node, of a core
      });
    } else {
      const account = accounts.get(job), bytes = bytesOf(most);
      if (account && bytes !== undefined) account.memory = Math.max(account.memory ?? 0, bytes);
    }
  }
  return accounts;
}

/** `123456K`, `1.5G` or a number of bytes. */
function bytesOf(text: string): number | undefined {
  const [, figure, unit] = /^([\d.]+)([KMGTP]?)$/.exec(text) ?? [];
  return figure === undefined ? undefined : Number(figure) * 1024 ** " KMGTP".indexOf(unit || " ");
}
