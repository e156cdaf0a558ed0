import {
  addNode,
  type AnyStage,
  type CasesHandle,
  type FileHandle,
  type FilesHandle,
  type Handle,
  type StageContext,
  type WholeStageContext,
} from "./graph.ts";

/** Thrown by a stage that stopped because its signal was aborted; the message says what is kept. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** Paths of the files of a set of cases, by case id. */
export type CaseFiles = Record<string, string>;

/** A zod schema, as far as a stage knows it. */
export interface Schema {
  /** Checks a value and gives it its defaults. */
  parse(value: unknown): unknown;
  /** What goes in and comes out, for the compiler. */
  _zod: { input: unknown; output: unknown };
}

/** A stage that works case by case: each case is an artifact of its own. */
export interface CaseStageDefinition<
  P extends Schema,
  I extends string,
  O extends string,
  J extends string = never,
  S extends Record<string, InputKind> = Record<never, never>,
  C extends Disposable = Disposable,
> {
  /** Name of the stage, and of its folder. */
  name: string;
  /** Raised when other bytes come out. */
  version: number;
  /** Its parameters, all of which go into the key. */
  params: P;
  /** Names of its inputs, each a set of cases. */
  inputs: readonly I[];
  /** Names of inputs that some cases have and others lack. */
  optional?: readonly J[];
  /** Inputs that all cases share. */
  shared?: S;
  /** File names by output and case id. */
  outputs: Record<O, (id: string) => string>;
  /**
   * URL of the module that defines it, `import.meta.url`: cases are then made side by side in workers, which import it. Absent
   * for a stage that must stay in the main thread, since it computes on the GPU.
   */
  module?: string;
  /** True if it computes on the WebGPU adapter. */
  usesAdapter?: boolean;
  /** Most bytes of memory that a case takes for every byte of its (uncompressed) inputs; {@link MEMORY_PER_INPUT_BYTE} unless given. */
  memoryPerInputByte?: number;
  /** Which of its files are pictures to look at, as a shell would write them; they are named when the stage is done. */
  pictures?: string;
  /** Makes once what all cases need, before the first that is made; its end frees it. Of a stage without `module`. */
  open?(work: { inputs: PathsOf<S>; params: P["_zod"]["output"] }): Promise<C>;
  /** Makes the files of one case. */
  run(
    work:
      & {
        id: string;
        inputs: Record<I, string> & Partial<Record<J, string>> & PathsOf<S>;
        params: P["_zod"]["output"];
        opened: C;
      }
      & StageContext,
  ): Promise<void>;
  /** Adds files to the collection, which has those of all cases. */
  collect?(work: { ids: readonly string[]; output: string }): Promise<void>;
}

/** Paths of inputs, by their names. */
export type PathsOf<S extends Record<string, InputKind>> = { [name in keyof S]: PathKinds[S[name]] };

/** What stands for inputs in a graph, by their names. */
export type HandlesOf<S extends Record<string, InputKind>> = { [name in keyof S]: HandleKinds[S[name]] };

/** A careful guess: a volume of bytes becomes one of float64, and is copied once. */
const MEMORY_PER_INPUT_BYTE = 16;

/** What an input of a whole stage may be. */
export type InputKind = "cases" | "file" | "files" | "optional cases" | "optional file";

/** What stands for an input in a graph, by its kind. */
export interface HandleKinds {
  /** Files by case. */
  cases: CasesHandle;
  /** One file. */
  file: FileHandle;
  /** Files by name. */
  files: FilesHandle;
  /** Files by case, or none. */
  "optional cases": CasesHandle | undefined;
  /** One file, or none. */
  "optional file": FileHandle | undefined;
}

/** Paths as `run` gets them. */
export interface PathKinds {
  /** Paths by case. */
  cases: CaseFiles;
  /** A path. */
  file: string;
  /** Paths by name. */
  files: Record<string, string>;
  /** Paths by case, or none. */
  "optional cases": CaseFiles | undefined;
  /** A path, or none. */
  "optional file": string | undefined;
}

/** What a whole stage makes: one file, or a file of every one of the cases that `cases` names from the parameters. */
export type OutputKind = string | { cases: (id: string) => string };

/** What stands for an output in a graph. */
export type OutputHandle<K extends OutputKind> = K extends string ? FileHandle : CasesHandle;

/** A stage that needs all its inputs at once. */
export interface StageDefinition<
  P extends Schema,
  I extends Record<string, InputKind>,
  O extends Record<string, OutputKind>,
> {
  /** Name of the stage, and of its folder. */
  name: string;
  /** Raised when other bytes come out. */
  version: number;
  /** Its parameters, all of which go into the key. */
  params: P;
  /** Its inputs by name. */
  inputs: I;
  /** Its outputs by name. */
  outputs: O;
  /** Case ids of outputs that are cases. */
  caseIds?(params: P["_zod"]["output"]): string[];
  /** True if `run` continues from what an earlier, killed run left in `output`. */
  resumable?: boolean;
  /** Of a resumable stage: where it would go on from what lies in a folder, in words; `undefined` if from the start. */
  resumesAt?(output: string): Promise<string | undefined>;
  /** True if it computes on the WebGPU adapter. */
  usesAdapter?: boolean;
  /** Bytes of tensors that it takes on the adapter at most; asked where several might run side by side. */
  adapterBytes?(params: P["_zod"]["output"]): number;
  /** Which of its files are pictures to look at, as a shell would write them; they are named when the stage is done. */
  pictures?: string;
  /** Makes the files. */
  run(
    work: { inputs: { [name in keyof I]: PathKinds[I[name]] }; params: P["_zod"]["output"] } & WholeStageContext,
  ): Promise<void>;
}

/** Stages that work case by case, by module and name. */
const caseStages = new Map<string, AnyStage>();

/** A stage that a module, which has been imported, defines with {@link defineCaseStage}. */
export function caseStageOf(module: string, name: string): AnyStage {
  const stage = caseStages.get(`${module} ${name}`);
  if (!stage) throw new Error(`Module ${module} was expected to define the stage "${name}", and did not`);
  return stage;
}

/** Makes a stage that works case by case. Calling it in an experiment adds it to the graph. */
export function defineCaseStage<
  P extends Schema,
  I extends string,
  O extends string,
  J extends string = never,
  const S extends Record<string, InputKind> = Record<never, never>,
  C extends Disposable = Disposable,
>(
  definition: CaseStageDefinition<P, I, O, J, S, C>,
): (
  inputs: Record<I, CasesHandle> & Partial<Record<J, CasesHandle>> & HandlesOf<S>,
  params: P["_zod"]["input"],
) => Record<O, CasesHandle> {
  const { name, version, optional = [], module, usesAdapter = false, pictures } = definition;
  const { memoryPerInputByte = MEMORY_PER_INPUT_BYTE } = definition;
  const stage: AnyStage = {
    ...{ name, version, resumable: false, usesAdapter, module, memoryPerInputByte, pictures },
    open: definition.open as unknown as AnyStage["open"],
    run: definition.run as unknown as AnyStage["run"],
    collect: definition.collect,
  };
  if (module !== undefined) caseStages.set(`${module} ${name}`, stage);
  const shared = Object.keys(definition.shared ?? {});
  return (inputs, params) => {
    const given = Object.entries<Handle | undefined>(inputs).filter((one): one is [string, Handle] => !!one[1]);
    const byCase = given.filter((one): one is [string, CasesHandle] => !shared.includes(one[0]));
    const [[firstName, first], ...others] = byCase;
    for (const [input, { ids }] of others) {
      const isOptional = (optional as readonly string[]).includes(input);
      if (isOptional ? ids.some((id) => !first.ids.includes(id)) : ids.join() !== first.ids.join()) {
        throw new Error(`Stage "${name}": expected the same cases of "${firstName}" and "${input}"`);
      }
    }
    const { ids } = first, dispensable = first.dispensable?.filter((id) => ids.includes(id));
    const node = addNode({
      ...{
        stage,
        inputs: Object.fromEntries(given),
        params: definition.params.parse(params),
        ids,
        shared,
        dispensable,
      },
      byCase: true,
    });
    const outputs = {} as Record<O, CasesHandle>;
    for (const output in definition.outputs) {
      outputs[output] = { kind: "cases", node, ids, dispensable, file: definition.outputs[output] };
    }
    return outputs;
  };
}

/** Makes a stage that needs all its inputs at once. Calling it in an experiment adds it to the graph. */
export function defineStage<
  P extends Schema,
  const I extends Record<string, InputKind>,
  const O extends Record<string, OutputKind>,
>(
  definition: StageDefinition<P, I, O>,
): (
  inputs: { [name in keyof I]: HandleKinds[I[name]] },
  params: P["_zod"]["input"],
) => { [name in keyof O]: OutputHandle<O[name]> } {
  const { name, version, run, resumable = false, resumesAt, usesAdapter = false, adapterBytes, pictures } = definition;
  const stage: AnyStage = {
    name,
    version,
    resumable,
    resumesAt,
    usesAdapter,
    adapterBytes: adapterBytes as AnyStage["adapterBytes"],
    pictures,
    memoryPerInputByte: MEMORY_PER_INPUT_BYTE,
    run: run as unknown as AnyStage["run"],
  };
  return (inputs, params) => {
    const checked = definition.params.parse(params) as P["_zod"]["output"];
    const given = Object.entries(inputs).filter(([, handle]) => handle !== undefined) as [string, Handle][];
    const node = addNode({ stage, inputs: Object.fromEntries(given), params: checked, byCase: false });
    const ids = definition.caseIds?.(checked) ?? [];
    const outputs: Record<string, Handle> = {};
    for (const [output, kind] of Object.entries<OutputKind>(definition.outputs)) {
      outputs[output] = typeof kind === "string"
        ? { kind: "file", node, file: kind }
        : { kind: "cases", node, ids, file: kind.cases };
    }
    return outputs as { [name in keyof O]: OutputHandle<O[name]> };
  };
}
