import { Argument, Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { bashCompletions } from "./completions/bash.ts";
import { fishCompletions } from "./completions/fish.ts";
import { zshCompletions } from "./completions/zsh.ts";
import { commandWords } from "./command_words.ts";
import type { Task } from "./task.ts";

const SHELLS = { bash: bashCompletions, zsh: zshCompletions, fish: fishCompletions };

/** `deno task completions SHELL`: a script that lets the shell complete tasks, options and their values. */
export function command(_: readonly string[], tasks: Readonly<Record<string, Task>>): CommandUnknownOpts {
  return new Command("completions")
    .description("prints a script that lets a shell complete tasks, options and values")
    .addArgument(new Argument("<shell>", "which one").choices(["bash", "zsh", "fish"] as const))
    .action(async (shell) => console.log(SHELLS[shell](await commandWords(tasks))));
}
