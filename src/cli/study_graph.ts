import { resolve } from "node:path";
import {
  artifactOf,
  type CasesHandle,
  commonPart,
  configure,
  type FileHandle,
  Graph,
  type Node,
  type Part,
  partInWords,
  settingsOf,
  together,
} from "../pipeline/mod.ts";
import type { Choices, Experiment, Outcome } from "../../experiments/common/experiment.ts";
import { UserError } from "../errors.ts";
import { report } from "../stages/report.ts";
import { study } from "../stages/study.ts";
import { summary } from "../stages/summary.ts";
import { dataOf } from "./experiments.ts";
import { differencesFromPublished } from "./published_differences.ts";
import { chosenFolds, type Sweep } from "./sweep.ts";

/** What a command asks for. */
export interface StudyOptions {
  /** The experiments, each once. */
  experiments: readonly Experiment[];
  /** Which runs of each. */
  sweep: Sweep;
  /** Folder of the raw data; of several experiments, the one that holds theirs. */
  data?: string;
  /** Size of network and schedule; each experiment's own unless given. */
  preset?: Choices["preset"];
  /** Settings `key=value`. */
  set: readonly string[];
  /** File of initial weights. */
  weights?: string;
}

/** Tells the user of the raw data. */
export interface StudyNotes {
  /** What was decided. */
  say(message: string): void;
  /** What needs attention but stops nothing. */
  warn(message: string): void;
}

/** One of the runs that a command asks for: what a command of its own would name. */
export type Member = Pick<Choices, "setting" | "protocol" | "seed" | "preset"> & {
  experiment: Experiment;
  /** Its folds; one, but for what is made of several. */
  folds: readonly number[];
  /** Of the settings that were given, those that the experiment knows. */
  settings: readonly string[];
};

/** What a command comes to. */
export interface StudyGraph {
  /** The stages of all runs, those that are equal once. */
  nodes: readonly Node[];
  /** For each the smallest run that has it; none for what is made of all. */
  members: ReadonlyMap<Node, Member>;
  /** What is known of each experiment, by name. */
  known: ReadonlyMap<string, KnownOfExperiment>;
  /** Cases that the command goes on without, and why. */
  leftOut: ReadonlyMap<string, string>;
}

/** What is known of an experiment's part in a command. */
export interface KnownOfExperiment {
  /** The resolved configuration, by part. */
  configuration: Record<string, unknown>;
  /** What differs from the published protocol. */
  differences: string[];
  /** Absolute paths of the raw scans that are segmented for their user, by case. */
  scans: Record<string, string>;
}

/** The graph of all runs that a command asks for. Each is the graph that a command of its own would have. */
export async function buildStudy(options: StudyOptions, notes: StudyNotes): Promise<StudyGraph> {
  const graph = new Graph();
  const members = new Map<Node, Member>();
  const known = new Map<string, KnownOfExperiment>();
  const leftOut = new Map<string, string>();
  const { experiments } = options;
  checkSettings(options);
  const tested: TestedRun[] = [];
  let groups = 0;
  for (const experiment of experiments) {
    const about: KnownOfExperiment = { configuration: {}, differences: [], scans: {} };
    known.set(experiment.name, about);
    const builder = new ExperimentBuilder(experiment, options, { graph, members, about, leftOut });
    for (const combination of combinations(options.sweep)) {
      tested.push(...await builder.add(combination));
      groups++;
    }
    builder.tell(notes);
  }
  if (groups > 1 && tested.length > 0) {
    const name = experiments.map(({ name }) => name).join("+");
    graph.add(() => {
      const scores = together(Object.fromEntries(tested.map(({ name, scores }) => [name, scores])));
      study({ scores }, { seeds: Object.fromEntries(tested.map(({ name, seed }) => [name, seed])) });
    }, { experiment: name });
  }
  for (const [id, why] of leftOut) notes.warn(`case "${id}" is left out: ${why}`);
  return { nodes: graph.nodes, members, known, leftOut };
}

type Combination = Pick<Choices, "setting" | "protocol" | "seed">;

function combinations({ settings, protocols, seeds }: Sweep): Combination[] {
  return settings.flatMap((setting) =>
    protocols.flatMap((protocol) => seeds.map((seed): Combination => ({ setting, protocol, seed })))
  );
}

/** A run that is tested. */
interface TestedRun {
  /** What tells it from the others. */
  name: string;
  seed: number;
  scores: FileHandle;
}

/** Adds the runs of one experiment to a graph. What does not differ between them is looked at once. */
class ExperimentBuilder {
  readonly #looks = new Map<string, Promise<unknown>>();
  /** What there is to tell: how, and what the runs of which it is true have in common. */
  readonly #notes = new Map<string, { kind: keyof StudyNotes; part: Part }>();
  readonly #configurations = new Map<string, unknown>();
  readonly #settings: readonly string[];
  #folds: number[] | undefined;

  constructor(
    readonly experiment: Experiment,
    readonly options: StudyOptions,
    readonly to: {
      graph: Graph;
      members: Map<Node, Member>;
      about: KnownOfExperiment;
      leftOut: Map<string, string>;
    },
  ) {
    const { set, experiments } = options;
    this.#settings = experiments.length === 1 ? set : set.filter((setting) => knows(experiment, setting));
  }

  /** Tells what was decided and what needs attention, once each, with the runs that it concerns. */
  tell(notes: StudyNotes): void {
    for (const wanted of ["say", "warn"] as const) {
      for (const [message, { kind, part }] of this.#notes) {
        const about = partInWords(part);
        if (kind === wanted) notes[kind](about ? `${about}: ${message}` : message);
      }
    }
  }

  /** Adds the folds of one setting, protocol and seed, with their summary and page; returns those that are tested. */
  async add(combination: Combination): Promise<TestedRun[]> {
    const { experiment, options: { sweep }, to } = this;
    const first = this.#choices(combination, 0);
    const config = this.#configure(first);
    if (!this.#folds) {
      this.#folds = await chosenFolds(sweep.folds, experiment, { config, choices: first });
      await experiment.check(config, first);
    }
    const folds = this.#folds;
    const outcomes = new Map<number, Outcome>();
    for (const fold of folds) {
      const choices = this.#choices(combination, fold);
      const config = this.#configure(choices);
      const raw = await experiment.prepare(config, choices, {
        warn: (message) => this.#note("warn", message, combination),
        say: (message) => this.#note("say", message, combination),
        leaveOut: (id, why) => void to.leftOut.set(id, why),
        once: (what, look) => this.#look(what, look),
      });
      const part = this.#part(combination, fold);
      outcomes.set(fold, this.#collect(() => experiment.build(raw, config, choices), part, { ...first, fold: [fold] }));
      to.about.configuration[partInWords(part) ?? `fold ${fold}`] = config;
    }
    const { dataset } = [...outcomes.values()][0];
    const differences = differencesFromPublished(experiment, { config, choices: first, dataset });
    to.about.differences = [...new Set([...to.about.differences, ...differences])];
    for (const { segmentation } of outcomes.values()) {
      for (const id of segmentation?.scans.ids ?? []) to.about.scans[id] = resolve(segmentation!.scans.file(id));
    }
    const { steps } = (config as { training: { steps: number } }).training;
    this.#collect(
      () => conclude(outcomes, { experiment: experiment.name, differences, steps }),
      this.#part(combination),
      { ...first, fold: folds },
    );
    return [...outcomes].flatMap(([fold, { test }]) => {
      const name = partInWords({ ...nameOf(combination), fold: `fold ${fold}` });
      return test ? [{ name: `${experiment.name}, ${name}`, seed: combination.seed, scores: test.scores }] : [];
    });
  }

  #choices(combination: Combination, fold: number): Choices {
    const { experiment, options: { preset, data, weights, experiments } } = this;
    return {
      ...combination,
      preset: preset ?? experiment.defaultPreset,
      fold,
      data: dataOf(experiment, data, experiments.length),
      weights,
    };
  }

  #configure(choices: Choices): unknown {
    const { schema } = this.experiment;
    const defaults = this.experiment.defaults(choices);
    const name = JSON.stringify(defaults);
    if (!this.#configurations.has(name)) {
      this.#configurations.set(name, configure(schema, defaults, this.#settings));
    }
    return this.#configurations.get(name);
  }

  /** What tells a run from the others of the command. */
  #part(combination: Combination, fold?: number): Part {
    const { experiment, options: { experiments, sweep } } = this;
    const { setting, protocol, seed } = nameOf(combination);
    return {
      ...(experiments.length > 1 ? { experiment: experiment.name } : {}),
      ...(sweep.settings.length > 1 ? { setting } : {}),
      ...(sweep.protocols.length > 1 ? { protocol } : {}),
      ...(sweep.seeds.length > 1 ? { seed } : {}),
      ...(fold !== undefined && this.#folds!.length > 1 ? { fold: `fold ${fold}` } : {}),
    };
  }

  #collect<T>(
    build: () => T,
    part: Part,
    { setting, protocol, seed, preset, fold: folds }: Omit<Choices, "fold"> & { fold: readonly number[] },
  ): T {
    const { experiment, to: { graph, members } } = this;
    const before = graph.nodes.length;
    const result = graph.add(build, { experiment: experiment.name, part });
    for (const node of graph.nodes.slice(before)) {
      members.set(node, { experiment, setting, protocol, seed, preset, folds, settings: this.#settings });
    }
    return result;
  }

  #look<T>(what: string, look: () => Promise<T>): Promise<T> {
    const known = this.#looks.get(what) ?? look();
    this.#looks.set(what, known);
    return known as Promise<T>;
  }

  #note(kind: keyof StudyNotes, message: string, combination: Combination): void {
    const part = this.#part(combination), known = this.#notes.get(message);
    this.#notes.set(message, { kind, part: known ? commonPart(known.part, part) : part });
  }
}

function nameOf({ setting, protocol, seed }: Combination): Record<"setting" | "protocol" | "seed", string> {
  return { setting: `setting ${setting}`, protocol, seed: `seed ${seed}` };
}

/** Of several experiments, each takes the settings that it knows; one that none knows is a mistake. */
function checkSettings({ experiments, set, preset }: StudyOptions): void {
  if (experiments.length === 1) return;
  for (const setting of set) {
    if (experiments.some((experiment) => knows(experiment, setting))) continue;
    const [first] = experiments;
    const choices = { ...ANY_CHOICES, preset: preset ?? first.defaultPreset };
    configure(first.schema, first.defaults(choices), [setting]); // says what is wrong with it
    throw new UserError("usage", `Cannot set "${setting}": expected a key of ${experiments.map(({ name }) => name)}`);
  }
}

const ANY_CHOICES = { setting: 1, protocol: "published", fold: 0, seed: 0, data: "" } as const;

function knows(experiment: Experiment, setting: string): boolean {
  return settingsOf(experiment.schema).some(({ key }) => setting.startsWith(`${key}=`));
}

/** What all folds of a run end with: their summary, and the page. */
function conclude(
  outcomes: ReadonlyMap<number, Outcome>,
  about: { experiment: string; differences: string[]; steps: number },
): void {
  const tested = [...outcomes].flatMap(([fold, { test }]) => test ? [{ fold, ...test }] : []);
  const segmented = [...outcomes].flatMap(([fold, { segmentation }]) =>
    segmentation ? [{ fold, ...segmentation }] : []
  );
  const byFold = Object.fromEntries(tested.map(({ fold, scores }) => [fold, scores]));
  const summarized = tested.length > 1 ? summary({ scores: together(byFold) }, {}).json : undefined;
  const union = (handles: readonly CasesHandle[]): CasesHandle | undefined =>
    handles[0] && { ...handles[0], ids: [...new Set(handles.flatMap(({ ids }) => ids))].sort() };
  const named = (handles: readonly (readonly [fold: number, FileHandle])[]) =>
    together(Object.fromEntries(handles.map(([fold, handle]) => [`fold ${fold}`, handle])));
  report({
    tests: named(tested.map(({ fold, scores }) => [fold, artifactOf(scores)])),
    models: named([...outcomes].map(([fold, { model }]) => [fold, model])),
    images: union(tested.map(({ images }) => images)),
    labels: union(tested.map(({ labels }) => labels)),
    segmentations: named(segmented.map(({ fold, masks }) => [fold, artifactOf(masks)])),
    scans: union(segmented.map(({ scans }) => scans)),
    summary: summarized,
  }, { ...about, dataset: [...outcomes.values()][0].dataset });
}
