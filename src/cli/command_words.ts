import type { Command, Option } from "@commander-js/extra-typings";
import { experimentNames } from "./experiments.ts";
import type { Task } from "./task.ts";

/** What may stand where a value is expected. */
export interface ValueWords {
  /** `text` is anything. */
  kind: "words" | "files" | "folders" | "text";
  /** What it is called in the help. */
  name: string;
  /** The words. */
  words: readonly string[];
}

/** An option of a task. */
export interface OptionWords {
  /** With its dashes. */
  flag: string;
  /** What it does. */
  about: string;
  /** Its value, if it has one. */
  value?: ValueWords;
  /** Whether it may be given more than once. */
  repeats: boolean;
}

/** A task as the shell sees it. */
export interface TaskWords {
  /** Its name. */
  name: string;
  /** What it does. */
  about: string;
  /** Its options. */
  options: readonly OptionWords[];
  /** Its arguments in order. */
  values: readonly (ValueWords & { repeats: boolean })[];
}

/** All tasks with their options and arguments, as the command line has them. */
export async function commandWords(tasks: Readonly<Record<string, Task>>): Promise<TaskWords[]> {
  const experiments = await experimentNames();
  const words: TaskWords[] = [];
  for (const [name, { about, load }] of Object.entries(tasks)) {
    const command: Command = await (await load()).command([], tasks);
    const options = command.options.filter(({ hidden }) => !hidden).map((option) => optionWords(option as Option));
    const help = { flag: "--help", about: "shows what the task takes", repeats: false };
    words.push({
      name,
      about,
      options: [...options, help],
      values: command.registeredArguments.map((argument) => ({
        ...valueWords(argument.name(), argument.argChoices, experiments),
        repeats: argument.variadic,
      })),
    });
  }
  return words;
}

function optionWords(option: Option): OptionWords {
  const [, placeholder] = option.flags.match(/[<[](\S+?)(?:\.{3})?[>\]]/) ?? [];
  return {
    flag: option.long ?? option.short!,
    about: option.description,
    value: placeholder === undefined ? undefined : valueWords(placeholder, option.argChoices, []),
    repeats: option.variadic || Array.isArray(option.defaultValue),
  };
}

/** What a value is, by the name that the help has for it. */
function valueWords(name: string, choices: readonly string[] | undefined, experiments: readonly string[]): ValueWords {
  if (choices) return { kind: "words", name, words: choices };
  if (name === "experiment") return { kind: "words", name, words: experiments };
  if (/^dirs?$/.test(name)) return { kind: "folders", name, words: [] };
  return { kind: /^(?:file|model|path)s?$/.test(name) ? "files" : "text", name, words: [] };
}
