import {
  errorOfOutcomes,
  Interrupted,
  type NodeState,
  planKeys,
  type Reporter,
  type Run,
  SlurmExecutor,
  type SlurmOptions,
} from "../pipeline/mod.ts";

/** How often what was lost is submitted again. */
const MOST_ROUNDS = 4;

/** How a graph is run on a cluster, and what of it a user wants to see. */
export type ClusterRun = Omit<SlurmOptions, "keyOf"> & {
  run: Run;
  digest(path: string): Promise<string>;
  /** Prints the scripts alone. */
  dryRun?: boolean;
  /** Ends when all is submitted. */
  detach?: boolean;
};

/**
 * Has a graph made by Slurm: what is not in the queue is submitted, then waited for. A job that was lost, with its node for
 * example, is submitted again.
 *
 * @param planned the state of every node
 * @returns the states when all is made; `undefined` where nobody waits for it
 */
export async function runOnSlurm(
  planned: readonly NodeState[],
  { run, digest, dryRun, detach, ...options }: ClusterRun,
): Promise<NodeState[] | undefined> {
  const { reporter, signal, work } = options;
  const keys = await planKeys(planned.map(({ node }) => node), digest);
  const say = (message: string) => reporter.report({ event: "plan", message });
  let states: readonly NodeState[] = planned;
  for (let round = 1;; round++) {
    const executor = new SlurmExecutor({ ...options, keyOf: (node) => keys.get(node)! });
    if (dryRun) {
      for (const script of await executor.scripts(states)) say(script);
      return undefined;
    }
    const { submitted, attached } = await executor.submit(() => run.plan()).catch((error) => {
      if (!signal.aborted) throw error;
      throw new Interrupted("Interrupted before all was submitted; the same command submits what is not in the queue");
    });
    if (submitted.length > 0) say(`submitted to Slurm: ${submitted.join(", ")}`);
    if (attached.length > 0) say(`in Slurm's queue already: ${attached.join(", ")}`);
    if (detach) {
      say(
        `The jobs go on by themselves: ./dfdt status ${work} shows how, and the same command without --detach waits for them`,
      );
      return undefined;
    }
    const outcomes = await executor.follow().catch((error) => {
      if (!signal.aborted) throw error;
      const jobs = [...submitted, ...attached].join(" ");
      throw new Interrupted(
        `Interrupted; the jobs go on. The same command waits for them again, scancel ${jobs} ends them`,
      );
    });
    for (const { node, code } of outcomes) if (code === 0) run.noteMadeApart(node);
    states = await run.plan();
    if (states.every(({ status }) => status === "cached")) return [...states];
    const error = errorOfOutcomes(outcomes);
    if (error) throw error;
    const lost = states.filter(({ status }) => status !== "cached").map(({ node: { stage, part } }) =>
      part ? `${stage.name} (${part})` : stage.name
    );
    if (round === MOST_ROUNDS) {
      throw new Error(
        `Slurm lost jobs ${MOST_ROUNDS} times before they were done: ${
          lost.slice(0, 3).join(", ")
        }. Their logs are in ${work}/*/slurm`,
      );
    }
    warnLost(reporter, lost);
  }
}

function warnLost(reporter: Reporter, lost: readonly string[]): void {
  const more = lost.length > 3 ? ` and ${lost.length - 3} more` : "";
  reporter.report({
    event: "warning",
    message: `Slurm lost jobs: ${lost.slice(0, 3).join(", ")}${more} are submitted again`,
  });
}
