import { sameProgram } from "./program.ts";
import { openBrowser } from "./watch.ts";

/**
 * Opens the page that follows a run, served by a process of its own: what becomes of it, or of who looks at it, is nothing to the
 * run. It ends with the run.
 *
 * @param directory `WORK/EXPERIMENT`
 * @param say told the page's address, or why there is none
 */
export async function watchRun(directory: string, say: (message: string) => void): Promise<Disposable> {
  const [program, ...start] = sameProgram();
  const args = [...start, "watch", directory, "--no-open", "--process", String(Deno.pid)];
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let address = "";
  while (!address.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    address += value;
  }
  address = address.trim();
  if (address === "") say(`There is no page to watch: ${(await new Response(child.stderr).text()).trim()}`);
  else {
    say(`watch it at ${address}`);
    openBrowser(address);
  }
  child.unref();
  return {
    [Symbol.dispose]() {
      try {
        child.kill();
      } catch {
        // it has ended already
      }
    },
  };
}
