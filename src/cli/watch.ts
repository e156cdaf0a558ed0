import { Command } from "@commander-js/extra-typings";
import process from "node:process";

/** Milliseconds between two looks at whether the run still lives for which a page was opened. */
const LOOK_MS = 2000;

/** `deno task watch [DIR]`: a page on this machine that follows a run. */
export function command() {
  return new Command("watch")
    .description("opens a page, for this machine alone, that follows a running, finished or killed run")
    .argument("[dir]", "WORK, WORK/EXPERIMENT, or the folder of a training", "runs")
    .option("--no-open", "prints the address and opens no browser")
    .option("--process <n>", "ends with the process of this number", Number)
    .action(async (dir, { open, process: followed }) => {
      const { serveLive } = await import("../report/live/server.ts");
      const { address, close } = await serveLive(dir);
      console.log(address);
      if (open) openBrowser(address);
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        if (signal === "SIGTERM" && Deno.build.os === "windows") continue; // there is no such signal
        Deno.addSignalListener(signal, resolve);
      }
      if (followed !== undefined) setInterval(() => isThere(followed) || resolve(), LOOK_MS);
      await promise;
      await close();
    });
}

function isThere(number: number): boolean {
  try {
    return process.kill(number, 0);
  } catch {
    return false;
  }
}

/** Shows an address in the user's browser, where there is a screen and a program for it. */
export function openBrowser(address: string): void {
  const env = (name: string) => Deno.env.get(name) ?? "";
  const hasScreen = Deno.build.os !== "linux" || env("DISPLAY") !== "" || env("WAYLAND_DISPLAY") !== "";
  if (!hasScreen || env("CI") !== "" || !Deno.stdout.isTerminal()) return;
  const program = { linux: "xdg-open", darwin: "open" }[Deno.build.os as string];
  if (!program) return;
  try {
    new Deno.Command(program, { args: [address], stdin: "null", stdout: "null", stderr: "null" }).spawn().unref();
  } catch {
    // the address is printed
  }
}
