import type { Command } from "@commander-js/extra-typings";

/** A task of the command line. */
export interface Task {
  /** What it does, in a few words. */
  about: string;
  /** True if it needs the project's own files. */
  ofProject?: true;
  /** Loads its file, only when it is needed. */
  load(): Promise<TaskFile>;
}

/** What the file of a task exports. */
export interface TaskFile {
  /**
   * The task's options, arguments and action.
   *
   * @param args what follows the task's name
   * @param tasks all tasks by name, in the order of the help
   */
  command(args: readonly string[], tasks: Readonly<Record<string, Task>>): Command | Promise<Command>;
}
