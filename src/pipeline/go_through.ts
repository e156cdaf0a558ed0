import { type Node, sourcesOf } from "./graph.ts";
import { Interrupted } from "./stage.ts";

/** What is done with the nodes of a graph, and when. */
export interface Walk {
  /** Whether whatever does not depend on a failure is still made. */
  keepGoing: boolean;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  /**
   * Begins with a node whose sources are done; its end is that of the promise, or, where it is made beside others, of `making`.
   *
   * @param isLastInWorkers whether no further node is made in workers
   */
  begin(node: Node, isLastInWorkers: boolean): Promise<Beside | void>;
  /** Is told of a failure at once. */
  failed(node: Node, error: unknown): void;
}

/** A node that is made beside others. */
export interface Beside {
  /** Settles when it is made. */
  making: Promise<void>;
  /** How many may be made at a time. */
  width: number;
}

/** What every interrupt ends with. */
export const GOES_ON = "the same command goes on from there";

/**
 * Goes through a graph, those before others first.
 *
 * @throws the first failure, or {@link Interrupted}, when nothing is being made any more
 */
export async function goThrough(nodes: readonly Node[], { keepGoing, signal, begin, failed }: Walk): Promise<void> {
  const left = new Set(nodes), done = new Set<Node>(), running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const fail = (node: Node, error: unknown) => {
    failures.push(error);
    failed(node, error);
    for (const other of left) { // in order, so that what depends on what depends on it goes, too
      if (sourcesOf(other).some((source) => !done.has(source) && !left.has(source) && !beingMade.has(source))) {
        left.delete(other);
      }
    }
  };
  const beingMade = new Set<Node>();
  const mayGoOn = () => !signal.aborted && (keepGoing || failures.length === 0);
  while (mayGoOn()) {
    const node = [...left].find((one) => sourcesOf(one).every((source) => done.has(source)));
    if (!node) {
      if (running.size === 0) break;
      await Promise.race(running);
      continue;
    }
    left.delete(node);
    beingMade.add(node);
    const end = (error?: unknown) => {
      beingMade.delete(node);
      if (error === undefined) done.add(node);
      else fail(node, error);
    };
    try {
      const beside = await begin(node, ![...left].some(({ stage }) => stage.module !== undefined));
      if (!beside) {
        end();
        continue;
      }
      const making: Promise<void> = beside.making.then(() => end(), end).finally(() => running.delete(making));
      running.add(making);
      while (running.size >= beside.width) await Promise.race(running);
    } catch (error) {
      end(error);
    }
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures.find((error) => !(error instanceof Interrupted)) ?? failures[0];
  const [next] = left;
  if (next) throw new Interrupted(`Interrupted before stage "${next.stage.name}"; ${GOES_ON}`);
}
