import type { Choices } from "../../experiments/common/experiment.ts";

/** What the command line says of a run. */
export interface RunChoices {
  /** Folder of the raw data. */
  data?: string;
  /** Folder of the artifacts. */
  work: string;
  /** Size of network and schedule; the experiment's own unless given. */
  preset?: Choices["preset"];
  /** Published setting, or a list. */
  setting: string;
  /** Test protocol, or a list. */
  protocol: string;
  /** A number, a list, or all. */
  fold: string;
  /** Seed of everything random, or a list. */
  seed: string;
  /** Last stage. */
  until?: string;
  /** First stage that is made again. */
  from?: string;
  /** Makes everything again. */
  force?: true;
  /** Settings `key=value`. */
  set: string[];
  /** File of initial weights. */
  weights?: string;
  /** Part of an adapter's name. */
  adapter?: string;
  /** False: fails where another process makes the same artifact. */
  wait: boolean;
  /** Cases of the last stage that are made, and not collected; all unless there are some. */
  case?: string[];
  /** Where stages run. */
  executor?: "local" | "slurm";
  /** Ends when all is submitted to Slurm. */
  detach?: true;
  /** Prints the plan alone. */
  dryRun?: true;
  /** Prints the directory of a stage's artifact alone. */
  where?: string;
  /** Hashes everything again. */
  verify?: true;
  /** One JSON object a line. */
  json?: true;
  /** Opens a page that follows the run. */
  watch?: true;
  /** Writes a trace of the run. */
  profile?: true;
  /** Says only what needs attention. */
  quiet?: true;
  /** Says keys and every progress, too. */
  verbose?: true;
}
