import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a run of the command line left behind. */
export interface Finished {
  /** Exit code. */
  code: number;
  /** Standard output. */
  stdout: string;
  /** Standard error. */
  stderr: string;
}

/** Starts a task of the project as a person would. */
export function start(args: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "src/cli/main.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
}

/** Runs a task to its end. */
export async function run(...args: string[]): Promise<Finished> {
  return await runWith({}, ...args);
}

/** Runs a task to its end with environment variables. */
export async function runWith(env: Record<string, string>, ...args: string[]): Promise<Finished> {
  const { code, stdout, stderr } = await start(args, env).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A network so small, and supervoxels so many, that training and testing take seconds. */
const SMALL_NETWORK: readonly string[] = [
  "network.planes=8",
  "network.layers=[1,1,1,1]",
  "network.channels=32",
  "network.parts=10",
  "training.minArea=12",
  "supervoxels.minVoxels=40",
];

/** `--set` for each of the settings. */
export function sets(...settings: string[]): string[] {
  return settings.flatMap((setting) => ["--set", setting]);
}

/** A cohort and a network so small that a whole run takes seconds. */
export const SMALL: readonly string[] = sets(
  "phantom.size=96",
  "phantom.slices=8",
  "resample.full=96",
  "resample.border=6",
  "resample.target=64",
  "network.image=65",
  ...SMALL_NETWORK,
  "training.steps=6",
  "training.snapshotEvery=2",
);

/** The same for the published data sets: five steps of `tiny` on slices of 64 or 65 voxels. */
export function tiny(side: 64 | 65): string[] {
  const settings = [`network.image=${side}`, ...SMALL_NETWORK, "training.steps=5", "training.snapshotEvery=5"];
  return ["--preset", "tiny", ...sets(...settings)];
}

/**
 * Every file below a folder with its bytes, but for what may differ between equal runs (docs/file-formats.md,
 * "Artifacts").
 */
export async function contents(dir: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const visit = async (path: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${dir}${path}`)) {
      const inner = `${path}/${name}`;
      if (name === ".runs" || name === "trace.json") continue; // when, by which command, and how long
      if (isDirectory) await visit(inner);
      else if (name === "index.html") found.set(inner, "a page, which tells times");
      else if (
        name !== "manifest.json" && name !== ".digests.json" && name !== ".used.json" && !name.endsWith(".lock")
      ) {
        let bytes = await Deno.readFile(`${dir}${inner}`);
        if (name === "metrics.jsonl") {
          bytes = new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/"milliseconds":\d+/g, ""));
        }
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
        found.set(inner, [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
      }
    }
  };
  await visit("");
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}
