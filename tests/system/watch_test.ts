import assert from "node:assert/strict";
import { join } from "node:path";
import { TestBrowser, type Visit } from "../../src/testing/browser.ts";
import { needs } from "../../src/testing/needs.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { sets, SMALL, start } from "../pipeline/command_line.ts";

const LIMIT_BYTES = 100_000;

/** Lines of a process's standard output, as they come. */
async function* linesOf(child: Deno.ChildProcess): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

/** Waits until an element of a page has a text. */
async function shows({ page }: Visit, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).waitFor({ timeout: 120_000 });
}

/** Starts `watch` on a folder. */
async function watch(dir: string): Promise<{ address: string } & AsyncDisposable> {
  const child = start(["watch", dir, "--no-open"]);
  const { value: address } = await linesOf(child).next();
  const [errors, status] = [new Response(child.stderr).text(), child.status];
  assert.match(String(address), /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/, address ?? await errors);
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await errors;
      assert.equal((await status).code, 0);
    },
  };
}

needs("chromium").test(
  "--watch follows a run that is killed, and watch shows what it left; closing the page harms nothing",
  () =>
    inFolder(async (work) => {
      await using browser = await TestBrowser.open();
      const args = [
        "pipeline",
        "phantom",
        "--json",
        "--watch",
        "--work",
        work,
        ...SMALL,
        ...sets("training.steps=400"),
      ];
      const run = start(args);
      let visit: Visit | undefined, address = "", steps = 0;
      for await (const line of linesOf(run)) {
        const { message = "", stage, event, done } = JSON.parse(line);
        address ||= message.match(/^watch it at (\S+)$/)?.[1] ?? "";
        if (stage === "train" && event === "progress") steps = done;
        if (steps < 3 || visit) continue;
        visit = await browser.visit(address);
        await shows(visit, "#now", /^train: step \d+ of 400, [\d.]+ (s a step|s)/);
        assert.equal(await visit.page.locator("#curves canvas").count(), 6);
        await visit.page.locator('#picture[src^="picture/"]').waitFor();
        assert.deepEqual(await visit.accessibilityFaults(), []);
        assert.deepEqual(visit.errors, []);
        // what it asks of its own server alone
        assert.ok(visit.requests.every((url) => url.startsWith(address)), visit.requests.join());
        const page = await (await fetch(address)).text();
        const scripts = [...page.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].reduce(
          (sum, [, text]) => sum + text.length,
          0,
        );
        assert.ok(scripts <= LIMIT_BYTES, `${scripts} bytes of script`);
        await visit[Symbol.asyncDispose]();
        const before = steps;
        (async () => { // the page is closed; the run goes on
          while (steps < before + 3) await new Promise((resolve) => setTimeout(resolve, 100));
          run.kill("SIGKILL");
        })();
      }
      await run.stderr.cancel();
      await run.status;
      assert.ok(visit);

      await using killed = await watch(work);
      await using found = await browser.visit(killed.address);
      await shows(found, "#banner", "Its process is gone: it was killed.");
      await shows(found, "#state", "not finished");
      await shows(found, "#now", /^train: step \d+ of 400/);
      assert.equal(await found.page.locator("#curves canvas").count(), 6);
      assert.deepEqual([found.errors, await found.accessibilityFaults()], [[], []]);

      // of another machine, heard of long ago
      const records = join(work, "phantom", ".runs"), [{ name }] = [...Deno.readDirSync(records)];
      const record = JSON.parse(await Deno.readTextFile(join(records, name)));
      Object.assign(record, { host: "elsewhere", lastTime: "2020-01-02T03:04:05.000Z" });
      await Deno.writeTextFile(join(records, name), JSON.stringify(record));
      await shows(found, "#banner", 'It ran on "elsewhere". It was last heard of on 2020-01-02 03:04:05 UTC.');
    }),
);
