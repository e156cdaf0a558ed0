import { fileURLToPath } from "node:url";

const SCRIPTS = fileURLToPath(new URL("../../tests/slurm/", import.meta.url));

/** A Slurm on this machine, for tests: real, but without limits of memory and cores. */
export class SlurmCluster implements AsyncDisposable {
  /** Variables of whatever calls Slurm's programs. */
  readonly env: Record<string, string>;
  readonly #folder: string;
  readonly #variables: Record<string, string>;

  private constructor(folder: string, variables: Record<string, string>) {
    this.#folder = folder;
    this.#variables = variables;
    this.env = { SLURM_CONF: `${folder}/slurm.conf` };
  }

  /**
   * Starts it.
   *
   * @param folder for its state
   * @param options.slots how many jobs of one core run side by side on a node
   * @param options.nodes how many there are: n1, n2…; jobs go to the first that has room
   */
  static async start(folder: string, { slots, nodes = 1 }: { slots: number; nodes?: number }): Promise<SlurmCluster> {
    const cluster = new SlurmCluster(folder, {
      SLURM_SLOTS: String(slots),
      SLURM_NODES: String(nodes),
      SLURM_PORT: String(freePorts(nodes + 1)),
    });
    await cluster.revive();
    return cluster;
  }

  /** Starts what does not run. */
  async revive(): Promise<void> {
    await command(`${SCRIPTS}start`, [this.#folder], this.#variables);
  }

  /** Runs one of Slurm's programs and returns what it says. */
  async ask(program: string, ...args: string[]): Promise<string> {
    return await command(program, args, this.env);
  }

  /** Ends one of its daemons at once. */
  async kill(daemon: "slurmctld" | "slurmd-n1"): Promise<void> {
    const id = Number(await Deno.readTextFile(`${this.#folder}/run/${daemon}.pid`));
    Deno.kill(id, "SIGKILL");
  }

  /** Ends it, and its jobs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await command(`${SCRIPTS}stop`, [this.#folder, "--purge"], this.#variables);
  }
}

/** The first of some ports that nobody has; below those that the system gives away. */
function freePorts(count: number): number {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      for (let i = 0; i < count; i++) Deno.listen({ hostname: "127.0.0.1", port: port + i }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

async function command(program: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  // a daemon keeps what it inherits open: its starter's end is waited for, and not that of its output
  const out = await Deno.makeTempFile();
  const child = new Deno.Command("bash", {
    args: ["-c", `"$@" >${out} 2>${out}.err`, "bash", program, ...args],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  const { code } = await child.output();
  const [stdout, stderr] = [await Deno.readTextFile(out), await Deno.readTextFile(`${out}.err`)];
  await Deno.remove(out);
  await Deno.remove(`${out}.err`);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout.trim();
}
