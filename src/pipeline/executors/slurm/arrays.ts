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
  /** Jobs of an array, at most; they are numbered from 0. */
  most: number;
}

/**
 * The jobs of some nodes, those before others first. A stage is one array, or several where they are more than Slurm takes;
 * where its tasks wait for different ones, one for each set of them, unless each waits for its own in an array that it then
 * shares the numbers with: so a failure ends what depends on it and nothing else.
 *
 * @param nodes those to be made, those before others first
 */
export function arraysOf(nodes: readonly Node[], options: ArrayOptions): JobArray[] {
  const places = new Map<Node, readonly Place[]>(options.queued);
  const arrays: JobArray[] = [];
  const needed = new Set(nodes.flatMap(sourcesOf));
  for (const group of groupsOf(nodes)) {
    const leads = leadsOf(group, places);
    const others = (node: Node) => sourcesOf(node).filter((source) => source !== leads?.get(node)?.source);
    const alike = Map.groupBy(group.flatMap((node) => sharesOf(node, options)), ({ node }) => {
      const lead = leads?.get(node);
      const led = lead ? [`${nameOf(lead.array)} ${lead.round}`] : [];
      return [...led, ...others(node).map((source) => sourceName(source, places)).sort()].join(" ");
    });
    for (const tasks of [...alike.values()].flatMap((list) => slices(list, options.most))) {
      const { node: first } = tasks[0];
      const array: JobArray = {
        key: hashText(tasks.map(({ node, cases }) => `${options.keyOf(node)} ${cases}`).join("\n")).slice(0, 24),
        experiment: first.experiment,
        stage: first.stage.name,
        tasks: tasks.map((task, at) => ({ ...task, id: leads?.get(task.node)?.task ?? at })),
        follows: leads?.get(first)?.array,
        after: waitsFor(others(first).flatMap((source) => places.get(source) ?? [])),
      };
      arrays.push(array);
      for (const { node, id } of array.tasks) places.set(node, [...places.get(node) ?? [], { array, task: id }]);
    }
    // Whoever needs the cases collects them; where nobody does, a job of its own.
    for (const node of group.filter((node) => !needed.has(node) && places.get(node)!.length > 1)) {
      const [{ experiment, stage }, key] = [node, options.keyOf(node)];
      const after = waitsFor(places.get(node)!);
      arrays.push({ key, experiment, stage: stage.name, tasks: [{ id: 0, node }], after });
    }
  }
  return arrays;
}

/** The jobs of a node: one, or as many as its cases need. */
function sharesOf(node: Node, { casesOfJob }: ArrayOptions): Omit<Task, "id">[] {
  if (!node.byCase || node.stage.usesAdapter || node.ids!.length <= casesOfJob) return [{ node }];
  const jobs = Math.ceil(node.ids!.length / casesOfJob);
  return Array.from({ length: jobs }, (_, job) => ({ node, cases: node.ids!.filter((_, i) => i % jobs === job) }));
}

function slices<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, i) => list.slice(i * most, (i + 1) * most));
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

/** What one node waits for alone, or with few others. */
interface Lead extends Place {
  /** Who makes it. */
  source: Node;
  /** How many nodes of the group before this one wait for the same. */
  round: number;
}

/**
 * For each of some nodes the task that it waits for, where these are mostly different ones: the node then is a task of the same
 * number. A stage that computes on the adapter rather than another.
 */
function leadsOf(group: readonly Node[], places: ReadonlyMap<Node, readonly Place[]>): Map<Node, Lead> | undefined {
  if (group.length < 2 || group.some(({ byCase, stage }) => byCase && !stage.usesAdapter)) return undefined;
  const stages = new Map(sourcesOf(group[0]).map(({ stage }) => [stage.name, stage.usesAdapter]));
  for (const [stage] of [...stages].sort(([, a], [, b]) => Number(b) - Number(a))) {
    const leads = new Map<Node, Lead>();
    const users = new Map<string, number>();
    for (const node of group) {
      const sources = [...new Set(sourcesOf(node))].filter((source) => source.stage.name === stage);
      const [place, ...more] = sources.flatMap((source) => places.get(source) ?? []);
      if (sources.length !== 1 || !place || more.length > 0) break;
      const name = `${nameOf(place.array)}_${place.task}`, round = users.get(name) ?? 0;
      users.set(name, round + 1);
      leads.set(node, { ...place, source: sources[0], round });
    }
    if (leads.size === group.length && Math.max(...users.values()) < users.size) return leads;
  }
  return undefined;
}

function nameOf(array: Made): string {
  return typeof array === "string" ? array : array.key;
}

function sourceName(source: Node, places: ReadonlyMap<Node, readonly Place[]>): string {
  return (places.get(source) ?? []).map(({ array, task }) => `${nameOf(array)}_${task}`)
    .join(" ");
}

function waitsFor(places: readonly Place[]): JobArray["after"] {
  return [...Map.groupBy(places, ({ array }) => array)].map(([array, found]) => {
    const tasks = [...new Set(found.map(({ task }) => task))].sort((a, b) => a - b);
    return typeof array !== "string" && tasks.length === array.tasks.length ? { array } : { array, tasks };
  });
}
