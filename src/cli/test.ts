import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { UserError } from "../errors.ts";
import { PROJECT } from "./user_folder.ts";

/** What a run of the test suite came to. */
export interface TestCounts {
  /** Tests that passed. */
  passed: number;
  /** Tests that failed, and files that could not be tested. */
  failed: number;
  /** Tests that were left out, for example for want of a tool. */
  skipped: number;
}

/** What `--system` runs: tests that need servers, browsers or minutes, one after the other, since they measure. */
const SYSTEM_TESTS = "tests/system";

/** Files whose examples run: the public API. */
const DOCUMENTED = ["mod.ts", "kernels.ts"];

/** `deno task test [PATH…]`: the test suite, whose last line is `N passed, N failed`. */
export function command(): CommandUnknownOpts {
  return new Command("test")
    .description("the test suite")
    .argument("[paths...]", "folders or files; everything unless given")
    .option("--filter <text>", "only tests whose title contains the text, or matches /the text/")
    .option("--system", `what needs servers, browsers or long runs (${SYSTEM_TESTS}), which the suite leaves out`)
    .action(async (paths, { filter, system }) => {
      if (system && paths.length > 0) {
        throw new UserError("usage", `Cannot use --system with "${paths[0]}": expected either, found both`);
      }
      for (const path of paths) {
        if (!existsSync(path)) {
          throw new UserError("usage", `Cannot test "${path}": expected a folder or a file, found none`);
        }
      }
      const options = filter === undefined ? [] : ["--filter", filter];
      const runs: TestCounts[] = [];
      if (system) runs.push(await run([...options, SYSTEM_TESTS]));
      else if (paths.length > 0) {
        runs.push(await run([...options, "--parallel", ...paths.map((path) => resolve(path))]));
      } else {
        runs.push(await run([...options, "--parallel", "kernels", "src", ...suiteOf("tests")]));
        // The examples in the documentation of the public API run as they stand there.
        if (existsSync(join(PROJECT, "mod.ts"))) {
          runs.push(await run([...options, "--parallel", "--doc", ...DOCUMENTED]));
        }
      }
      const total = (name: keyof TestCounts) => runs.reduce((sum, counts) => sum + counts[name], 0);
      const counts = { passed: total("passed"), failed: total("failed"), skipped: total("skipped") };
      if (counts.passed + counts.failed === 0) console.error("No test ran");
      console.log(summaryLine(counts));
      process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
    });
}

/** What of a folder belongs to the suite, by name: `--ignore` leaves a folder out in some orders of arguments only. */
function suiteOf(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith("_test.ts"))
    .map(({ name }) => `${folder}/${name}`)
    .filter((path) => path !== SYSTEM_TESTS);
}

/** Runs `deno test` and shows what it says as it says it. */
async function run(args: string[]): Promise<TestCounts> {
  // Two files at a time: while one compiles or works on the host, the other has the adapter. More would only share it.
  const jobs = Deno.env.get("DENO_JOBS") ?? String(Math.min(navigator.hardwareConcurrency, 2));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--quiet", ...args],
    // Deno colours its results even into a pipe.
    env: { DENO_JOBS: jobs, ...(Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" }) },
    cwd: PROJECT,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let tail = "";
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    await writeAll(bytes);
    tail = (tail + decoder.decode(bytes, { stream: true })).slice(-4000);
  }
  return countTests(tail, (await child.status).code);
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  while (bytes.length > 0) bytes = bytes.subarray(await Deno.stdout.write(bytes));
}

/**
 * Reads the summary that `deno test` ends with, for example `FAILED | 4 passed (2 steps) | 1 failed | 1 ignored (9s)`.
 *
 * @param output the end of what it wrote
 * @param code its exit code; a run that failed without a failed test counts as one
 */
export function countTests(output: string, code: number): TestCounts {
  const summaries = stripVTControlCharacters(output).match(/^(ok|FAILED) \| \d+ passed.*$/gm) ?? [];
  const summary = summaries.at(-1) ?? "";
  const count = (word: string) => Number(summary.match(new RegExp(`\\b(\\d+) ${word}\\b`))?.[1] ?? 0);
  const failed = count("failed");
  return { passed: count("passed"), failed: failed === 0 && code !== 0 ? 1 : failed, skipped: count("ignored") };
}

/** The last line of a run: `4 passed, 0 failed`, with `, 1 skipped` where there are such. */
export function summaryLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
