import { appendFileSync } from "node:fs";
import { watchDisk } from "../../src/disk.ts";
import { main } from "../../src/cli/main.ts";

// `dying_run.ts N TASK …` runs a task and is killed by itself before the N-th file operation; it says how many there were. With
// DFDT_TEST_FINISHED=FILE it notes there which artifacts it finishes; with DFDT_TEST_CLOCK its clock jumps by up to a year.
const [last, ...args] = Deno.args;
const finished = Deno.env.get("DFDT_TEST_FINISHED");
let operations = 0;
watchDisk(({ kind, path }) => {
  if (++operations === Number(last)) Deno.kill(Deno.pid, "SIGKILL");
  if (finished && kind === "rename" && /\/[0-9a-f]{24}$/.test(path)) appendFileSync(finished, `${path}\n`);
});
if (Deno.env.has("DFDT_TEST_CLOCK")) {
  const now = Date.now, year = 365 * 24 * 3600 * 1000;
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given: [] | [number | string]) {
      super(...(given.length === 0 ? [Date.now()] : given) as [number]);
    }
    static override now(): number {
      return now() + Math.floor((2 * Math.random() - 1) * year);
    }
  } as DateConstructor;
}
const code = await main(args);
console.error(`operations: ${operations}`);
Deno.exit(code);
