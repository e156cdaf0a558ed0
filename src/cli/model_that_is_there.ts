import { join } from "node:path";
import { manifestsOf, type NodeState } from "../pipeline/mod.ts";

/**
 * Where a training starts anew, for example since cases were added: that the model that is there can segment them. A line for
 * each experiment of which that is true.
 */
export async function modelThatIsThere(states: readonly NodeState[], work: string): Promise<string[]> {
  const fresh = states.filter(({ node, status, resumesAt }) => {
    return node.stage.name === "train" && status !== "cached" && resumesAt === undefined;
  });
  const lines: string[] = [];
  for (const experiment of new Set(fresh.map(({ node }) => node.experiment))) {
    const folder = join(work, experiment, "train");
    const wanted = fresh.filter(({ node }) => node.experiment === experiment).map(({ node }) =>
      trainingOf(node.params)
    );
    const last = (await manifestsOf(folder)).find(({ parameters }) => wanted.includes(trainingOf(parameters)));
    if (!last) continue;
    lines.push(
      "training starts anew, since what it trains on has changed; the model that is there segments further cases as it is: " +
        `./dfdt segment --model "${join(folder, last.key)}"`,
    );
  }
  return lines;
}

function trainingOf(params: unknown): string {
  const { network, training, seed } = params as Record<string, unknown>;
  return JSON.stringify([network, training, seed]);
}
