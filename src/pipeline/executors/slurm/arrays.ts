import { hashText } from "../../digest.ts";
import { type Node, sourcesOf } from "../../graph.ts";

/** One job: a node, or some of its cases. */
export interface Task {
  /** Its number in the array. */
  id: number;
  /** What it makes. */
  node: Node;
  /** Some of the node's cases; all of them, and their collection, unless given. */
  cases?: readonly string[];
}

/** Jobs of one stage that are submitted together. */
export interface JobArray {
  /** Names it: made of what its tasks make. */
  key: string;
  /** Name of the experiment. */
  experiment: string;
  /** Name of the stage. */
  stage: string;
  /** Its jobs. */
  tasks: readonly Task[];
  /** Each of its tasks begins when that of the same number is done. */
  follows?: Made;
  /** All of its tasks begin when these are done: all of an array, or those of the numbers. */
  after: readonly { array: Made; tasks?: readonly number[] }[];
}

/** An array that is to be submitted, or the number of a job that is in the queue. */
export type Made = JobArray | string;

/** Where a node is made. */
export interface Place {
  /** The array or job. */
  array: Made;
  /** Number of the task. */
  task: number;
}

/** What {@link arraysOf} goes by. */
export interface ArrayOptions {
  /** Name of a node. */
  keyOf(node: Node): string;
  /** Jobs in the queue that make other nodes. */
  queued: ReadonlyMap<Node, readonly Place[]>;
  /** Cases of a job. */
  casesOfJob: number;
}

/**
 * The jobs of some nodes, those before others first. A stage is one array; where its tasks wait for different ones, one for
 * each set of them, unless each waits for its own in an array that it then shares the numbers with: so a failure ends what
 * depends on it and nothing else.
 *
 * @param nodes those to be made, those before others first
 */
export function arraysOf(nodes: readonly Node[], options: ArrayOptions): JobArray[] {
  const places = new Map<Node, readonly Place[]>(options.queued);
  const arrays: JobArray[] = [];
  const needed = new Set(nodes.flatMap(sourcesOf));
  for (const group of groupsOf(nodes)) {
    const single = group.flatMap((node): Omit<Task, "id">[] => {
      if (!node.byCase || node.stage.usesAdapter || node.ids!.length <= options.casesOfJob) return [{ node }];
      const jobs = Math.ceil(node.ids!.length / options.casesOfJob);
      return Array.from({ length: jobs }, (_, job) => ({ node, cases: node.ids!.filter((_, i) => i % jobs === job) }));
    });
    const lead = leadOf(group, places);
    const bySources = Map.groupBy(
      single.map((task, id) => ({ ...task, id: lead?.taskOf(task.node) ?? id })),
      ({ node }) => {
        return sourcesOf(node).filter((source) => source !== lead?.sourceOf(node)).map((source) =>
          sourceName(source, places)
        )
          .sort().join(" ");
      },
    );
    for (const tasks of bySources.values()) {
      const sources = sourcesOf(tasks[0].node).filter((source) => source !== lead?.sourceOf(tasks[0].node));
      const array: JobArray = {
        key: hashText(tasks.map(({ node, cases }) => `${options.keyOf(node)} ${cases}`).join("\n")).slice(0, 24),
        experiment: group[0].experiment,
        stage: group[0].stage.name,
        tasks,
        follows: lead?.array,
        after: waitsFor(sources.flatMap((source) => places.get(source) ?? [])),
      };
      arrays.push(array);
      for (const { node, id } of tasks) places.set(node, [...places.get(node) ?? [], { array, task: id }]);
      arrays.push(...collections(array, needed, options));
    }
  }
  return arrays;
}

/** Whoever needs the cases collects them; where nobody does, a job of its own. */
function collections(array: JobArray, needed: ReadonlySet<Node>, { keyOf }: ArrayOptions): JobArray[] {
  const nodes = new Set(array.tasks.flatMap(({ node, cases }) => cases && !needed.has(node) ? [node] : []));
  return [...nodes].map((node) => ({
    ...array,
    key: keyOf(node),
    tasks: [{ id: 0, node }],
    follows: undefined,
    after: [{ array }],
  }));
}

/** Nodes of the same stage and experiment; those that others wait for come first. */
function groupsOf(nodes: readonly Node[]): Node[][] {
  const left = new Map(Map.groupBy(nodes, nameOfGroup));
  const ordered: Node[][] = [];
  while (left.size > 0) {
    const [name, group] = [...left].find(([name, group]) =>
      !group.flatMap(sourcesOf).some((source) => nameOfGroup(source) !== name && left.has(nameOfGroup(source)))
    )!;
    left.delete(name);
    ordered.push(group);
  }
  return ordered;
}

function nameOfGroup({ experiment, stage }: Node): string {
  return `${experiment} ${stage.name}`;
}

interface Lead {
  array: Made;
  sourceOf(node: Node): Node;
  taskOf(node: Node): number;
}

/** An array in which each of some nodes waits for a task of its own; one that computes on the adapter rather than another. */
function leadOf(group: readonly Node[], places: ReadonlyMap<Node, readonly Place[]>): Lead | undefined {
  if (group.length < 2 || group.some(({ byCase, stage }) => byCase && !stage.usesAdapter)) return undefined;
  const placed = (node: Node) =>
    sourcesOf(node).flatMap((source) => {
      const [place, ...others] = places.get(source) ?? [];
      return place && others.length === 0 ? [{ ...place, source }] : [];
    });
  const candidates = placed(group[0]).sort((a, b) =>
    Number(b.source.stage.usesAdapter) - Number(a.source.stage.usesAdapter)
  );
  for (const { array } of candidates) {
    const own = new Map(group.map((node) => [node, placed(node).filter((place) => place.array === array)]));
    const tasks = [...own.values()].flatMap((found) => found.length === 1 ? found[0].task : []);
    if (new Set(tasks).size < group.length) continue;
    return { array, sourceOf: (node) => own.get(node)![0].source, taskOf: (node) => own.get(node)![0].task };
  }
  return undefined;
}

function sourceName(source: Node, places: ReadonlyMap<Node, readonly Place[]>): string {
  return (places.get(source) ?? []).map(({ array, task }) => `${typeof array === "string" ? array : array.key}_${task}`)
    .join(" ");
}

function waitsFor(places: readonly Place[]): JobArray["after"] {
  return [...Map.groupBy(places, ({ array }) => array)].map(([array, found]) => {
    const tasks = [...new Set(found.map(({ task }) => task))].sort((a, b) => a - b);
    return typeof array !== "string" && tasks.length === array.tasks.length ? { array } : { array, tasks };
  });
}
