import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../errors.ts";

/** Folder of the project. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** Whether this is the npm package, of which all modules are JavaScript. */
export const IS_PACKAGE = import.meta.url.endsWith(".js");

/** Set by `./dfdt`, which has to stand in the project's folder to start a task: where its user stands. */
const HANDED_ON = "DFDT_CWD";

/**
 * Goes to the folder that the user stands in, to which every relative path that a user types is relative. What says so is taken
 * out of the environment, since a child process stands elsewhere.
 *
 * @throws {UserError} if that folder cannot be entered
 */
export function enterUserFolder(): void {
  const folder = userFolder(Deno.env.toObject(), Deno.cwd(), PROJECT);
  Deno.env.delete(HANDED_ON);
  Deno.env.delete("INIT_CWD");
  try {
    Deno.chdir(folder);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new UserError("usage", `Cannot enter "${folder}", where this command was typed: ${found}`);
  }
}

/**
 * The folder that a user stands in: what `./dfdt` hands on; else what `deno task`, which goes to the project's folder, says,
 * unless this process stands elsewhere and has inherited that from another one.
 */
export function userFolder(env: Readonly<Record<string, string>>, cwd: string, project: string): string {
  const stale = resolve(cwd) !== resolve(project);
  return env[HANDED_ON] || (!stale && env.INIT_CWD) || cwd;
}

/** A folder of the project as a user sees it: relative where that is shorter. The npm package has none: it is the user's. */
export function projectFolder(...path: string[]): string {
  if (IS_PACKAGE) return join(...path);
  const folder = join(PROJECT, ...path), near = relative(Deno.cwd(), folder);
  return near.startsWith("..") || near === "" ? folder : near;
}
