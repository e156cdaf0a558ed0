import { remove } from "../disk.ts";
import type { AnyStage, StageContext } from "./graph.ts";
import { beginArtifact, finishArtifact, type Manifest } from "./store.ts";

/** One case of a stage, as plain data: all that makes its artifact, here or in a worker. */
export interface CaseJob {
  /** Name of the stage. */
  stage: string;
  /** URL of the module that defines it; none for a stage that no worker can find. */
  module?: string;
  /** Id of the case. */
  id: string;
  /** Input files by name; of an input that all cases share, all of its files. */
  inputs: Record<string, string | Record<string, string>>;
  /** Checked parameters. */
  params: unknown;
  /** Folder of the artifact, which is locked. */
  dir: string;
  /** What the manifest says besides the files. */
  about: Omit<Manifest, "files" | "endTime" | "startTime" | "warnings">;
}

/** Makes the artifact of a case; it appears whole or not at all. */
export async function makeCase(
  stage: AnyStage,
  { id, inputs, params, dir, about }: CaseJob,
  context: Omit<StageContext, "output"> & { opened?: unknown },
): Promise<void> {
  const startTime = new Date().toISOString();
  const output = await beginArtifact(dir, { resume: false, forced: false });
  const warnings: string[] = [];
  const warn = (message: string) => {
    warnings.push(message);
    context.warn(message);
  };
  try {
    await stage.run({ id, inputs, params, output, ...context, warn });
    await finishArtifact(dir, { ...about, startTime, warnings }, { partial: output });
  } catch (error) {
    await remove(output).catch(() => {}); // why it failed says more than why it is still there
    throw error;
  }
}

/** Keeps that a case's data cannot be used, so that nobody tries again until they change. */
export async function keepRefusal({ dir, about }: CaseJob, refusal: string): Promise<void> {
  const partial = await beginArtifact(dir, { resume: false, forced: false });
  await finishArtifact(dir, { ...about, startTime: new Date().toISOString(), warnings: [], refusal }, { partial });
}
