import { statfs } from "node:fs/promises";
import { UserError } from "../errors.ts";
import { Interrupted, type StageError } from "../pipeline/mod.ts";

/** How a run ended otherwise than by being done. */
export interface Ending {
  /** What a user is told. */
  message: string;
  /** The exit code: 1 failed, 2 bad usage or input, 3 no adapter, 130 interrupted. */
  exitCode: number;
  /** The stage in which it ended, where it was in one. */
  stage?: string;
  /** Whether nothing could be written. */
  isStorage?: true;
}

/** What the system says where nothing can be written, by its code. */
const STORAGE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota of the disk is used up",
  EROFS: "the file system is read-only",
  EIO: "the disk reports an error of its own (EIO): look at the system's log before you trust it",
};

/** The ending that an error makes. */
export async function endingOf(error: unknown, work?: string): Promise<Ending> {
  const { stage } = error as StageError;
  const { message } = error instanceof Error ? error : { message: String(error) };
  if (error instanceof UserError) return { message, exitCode: error.exitCode, stage };
  if (error instanceof Interrupted) return { message, exitCode: 130, stage };
  const code = codeOf(error);
  if (code in STORAGE && work !== undefined) {
    return { message: await cannotWrite(work, STORAGE[code]), exitCode: 1, stage, isStorage: true };
  }
  return { message: stage ? `Stage "${stage}" failed: ${message}` : message, exitCode: 1, stage };
}

/** The code that the system gave an error, or nothing. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * Makes the folder of the artifacts, before anything is computed.
 *
 * @throws {UserError} if the path is no folder
 * @throws {Error} with the system's code if nothing can be written there
 */
export async function makeWorkFolder(work: string): Promise<void> {
  try {
    await Deno.mkdir(work, { recursive: true });
    const probe = `${work}/.${crypto.randomUUID()}`;
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST" || code === "ENOTDIR") {
      throw new UserError("usage", `Cannot use --work "${work}": expected a folder, found a file`);
    }
    if (code === "EACCES" || code === "EPERM") {
      throw new UserError(
        "usage",
        `Cannot use --work "${work}": expected a folder to write to, found one that belongs to somebody else. ` +
          "Choose another one",
      );
    }
    throw error;
  }
}

async function cannotWrite(work: string, why: string): Promise<string> {
  return `Cannot write to "${work}": ${why}${await freeSpace(
    work,
  )}. Free some space there, or choose another folder by ` +
    "--work; what is finished is kept, and the same command goes on from there";
}

async function freeSpace(work: string): Promise<string> {
  const space = await statfs(work).catch(() => undefined);
  return space ? ` (${space.bavail * space.bsize} of ${space.blocks * space.bsize} bytes free)` : "";
}
