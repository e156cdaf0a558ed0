import { Command } from "@commander-js/extra-typings";
import process from "node:process";
import { PROJECT } from "./user_folder.ts";

/** What `deno task check` runs, by the name that it prints. */
const CHECKS: [name: string, args: string[]][] = [
  ["formatting", ["fmt", "--check"]],
  ["lint", ["lint"]],
  ["types", ["check", "."]],
  ["docs lint", ["doc", "--lint", "mod.ts", "kernels.ts", "types.ts"]],
  ["imports", ["test", "-A", "--quiet", "tests/imports_test.ts"]],
];

/** `deno task check`: formatting, lint, types, documentation of the public API and the import table. */
export function command() {
  return new Command("check").description("formatting, lint, types, docs lint, imports").action(async () => {
    for (const [name, args] of CHECKS) {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: PROJECT, stdin: "null" })
        .output();
      console.log(`${code === 0 ? "ok    " : "failed"}  ${name}`);
      if (code === 0) continue;
      await Deno.stdout.write(stdout);
      await Deno.stderr.write(stderr);
      process.exitCode = 1;
    }
  });
}
