import { watchDisk } from "../../src/disk.ts";
import { main } from "../../src/cli/main.ts";

// `dying_run.ts N TASK …` runs a task and is killed by itself before the N-th file operation; it says how many there were.
const [last, ...args] = Deno.args;
let operations = 0;
watchDisk(() => {
  if (++operations === Number(last)) Deno.kill(Deno.pid, "SIGKILL");
});
const code = await main(args);
console.error(`operations: ${operations}`);
Deno.exit(code);
