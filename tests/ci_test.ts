import assert from "node:assert/strict";
import { inFolder } from "../src/testing/temporary_folder.ts";

/** Runs `.ci/run` beside a `./dfdt` that says what it is told to say; returns its last line and its exit code. */
async function runCi(suite: string[], system: string[]): Promise<[string, number]> {
  let found: [string, number] = ["", -1];
  await inFolder(async (dir) => {
    const script = (lines: string[]) => ["#!/bin/sh", ...lines].join("\n");
    const write = (name: string, lines: string[]) =>
      Deno.writeTextFile(`${dir}/${name}`, script(lines), { mode: 0o755 });
    for (const folder of [".ci", "bin"]) await Deno.mkdir(`${dir}/${folder}`);
    await Deno.copyFile(".ci/run", `${dir}/.ci/run`);
    await write("dfdt", [
      `case "$*" in check) ;; test) ${suite.join("; ")} ;; "test --system") ${system.join("; ")} ;; *) exit 9 ;; esac`,
    ]);
    await write("bin/dpkg", []); // every package is there
    const env = { PATH: `${dir}/bin:${Deno.env.get("PATH")}` };
    const { code, stdout } = await new Deno.Command(`${dir}/.ci/run`, { env }).output();
    found = [new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!, code];
  });
  return found;
}

Deno.test(".ci/run ends with what both runs of tests counted, and fails where one of them does", async () => {
  const says = (line: string, code = 0) => [`echo much; echo "${line}"`, `exit ${code}`];
  assert.deepEqual(await runCi(says("10 passed, 0 failed"), says("3 passed, 0 failed")), ["13 passed, 0 failed", 0]);
  assert.deepEqual(await runCi(says("10 passed, 2 failed", 1), says("3 passed, 0 failed, 1 skipped")), [
    "13 passed, 2 failed, 1 skipped",
    1,
  ]);
  // one that breaks off says nothing of its tests
  assert.deepEqual(await runCi(says("no adapter", 3), says("3 passed, 0 failed")), ["3 passed, 1 failed", 1]);
});
