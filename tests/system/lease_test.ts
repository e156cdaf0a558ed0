import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readManifest } from "../../src/pipeline/store.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";

const PROGRAM = fileURLToPath(new URL("../../src/testing/lease_process.ts", import.meta.url));

/** Seconds of a lease in this test. */
const LEASE = 1;

/** A machine of another name that makes an artifact, with its clock some seconds off. */
function start(dir: string, name: string, clock: number): Deno.ChildProcess {
  const run = `hostname ${name} && exec ${Deno.execPath()} run -A ${PROGRAM} ${dir} 300 ${clock}`;
  return new Deno.Command("unshare", {
    args: ["--uts", "bash", "-c", run],
    env: { DFDT_LOCK: "lease", DFDT_LEASE_SECONDS: String(LEASE) },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

Deno.test({
  name:
    "two machines with leases make one whole artifact, 50 times, with one killed, stopped for longer than its lease, or a minute off",
  ignore: !isRoot,
  fn: () =>
    inFolder(async (folder) => {
      const expected = Array.from({ length: 10 }, (_, i) => `part ${i} of all\n`).join("");
      const rounds = Array.from({ length: 50 }, (_, round) => round);
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const play = async (round: number) => {
        const dir = join(folder, `r${round}`, "artifact");
        const first = start(dir, "alpha", 60), second = start(dir, "beta", 0);
        const ends = [first, second].map((one) => one.output());
        // somewhere between their start and the artifact
        await wait(150 + round * 17 % 500);
        if (round % 3 === 0) first.kill("SIGKILL");
        if (round % 3 === 1) {
          first.kill("SIGSTOP");
          await wait(LEASE * 2000 + 500);
          first.kill("SIGCONT");
        }
        const codes = (await Promise.all(ends)).map(({ code, signal, stderr }) => ({
          code: signal === "SIGKILL" ? 0 : code,
          said: new TextDecoder().decode(stderr),
        }));
        assert.deepEqual(codes.map(({ code }) => code), [0, 0], `round ${round}: ${codes.map(({ said }) => said)}`);
        assert.equal(await Deno.readTextFile(join(dir, "parts.txt")), expected, `round ${round}`);
        assert.ok(await readManifest(dir, true), `round ${round}: torn`);
        const left = (await readdir(join(dir, ".."))).filter((name) => !/^artifact\.lease\./.test(name)); // of the killed
        assert.deepEqual(left, ["artifact"], `round ${round}`);
      };
      for (let at = 0; at < rounds.length; at += 5) await Promise.all(rounds.slice(at, at + 5).map(play));
    }),
});
