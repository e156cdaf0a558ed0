import { Command } from "@commander-js/extra-typings";
import process from "node:process";

/** `deno task test [PATH…]`: the test suite, whose last line is `N passed, N failed`. */
export function command() {
  return new Command("test")
    .description("runs the test suite")
    .argument("[paths...]", "folders or files; all unless given")
    .action(async (paths) => {
      const chosen = paths.length > 0 ? paths : ["kernels", "src", "tests"];
      const reportFile = await Deno.makeTempFile({ suffix: ".xml" });
      try {
        const run = new Deno.Command(Deno.execPath(), {
          args: ["test", "-A", "--quiet", `--junit-path=${reportFile}`, ...chosen],
          stdin: "null",
        }).spawn();
        const { code } = await run.status;
        const { passed, failed, skipped } = countTests(await Deno.readTextFile(reportFile));
        const failures = failed === 0 && code !== 0 ? 1 : failed; // an error outside of any test
        console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
        process.exitCode = failures > 0 || passed === 0 ? 1 : 0;
      } finally {
        await Deno.remove(reportFile);
      }
    });
}

/** Counts of a JUnit report. */
export function countTests(report: string): { passed: number; failed: number; skipped: number } {
  const count = (pattern: RegExp) => [...report.matchAll(pattern)].reduce((total, [, n]) => total + Number(n), 0);
  const total = count(/<testsuite\b[^>]*?\btests="(\d+)"/g);
  const skipped = count(/<testsuite\b[^>]*?\bdisabled="(\d+)"/g);
  const failed = count(/<testsuite\b[^>]*?\bfailures="(\d+)"/g) + count(/<testsuite\b[^>]*?\berrors="(\d+)"/g);
  return { passed: total - failed - skipped, failed, skipped };
}
