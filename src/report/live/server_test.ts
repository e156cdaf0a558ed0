import assert from "node:assert/strict";
import { request } from "node:http";
import { inFolder } from "../../testing/temporary_folder.ts";
import { serveLive } from "./server.ts";

/** Asks for a path with headers of one's own, as no `fetch` would. */
function ask(
  address: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(address, { method, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => text += chunk);
      response.on("end", () => resolve({ status: response.statusCode!, text }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

Deno.test("serveLive() answers on the loopback address to who has the token, and to no other host or page", () =>
  inFolder(async (dir) => {
    await Deno.mkdir(`${dir}/x/train/abc.partial/episodes`, { recursive: true });
    const training = `${dir}/x/train/abc.partial`;
    await Deno.writeTextFile(`${training}/metrics.jsonl`, '{"step":1,"total":2,"milliseconds":5}\n');
    await Deno.writeFile(`${training}/episodes/step-1.png`, Uint8Array.of(1, 2, 3));
    const { address, close } = await serveLive(training);
    try {
      const { hostname, port } = new URL(address);
      assert.equal(hostname, "127.0.0.1");
      assert.equal((await ask(address)).status, 200);
      const { text } = await ask(`${address}state`);
      const { training: found, picture, experiment } = JSON.parse(text);
      assert.deepEqual([experiment, found.step, found.points.values.total], ["x", 1, [2]]);
      assert.equal((await ask(address + picture.address)).status, 200);
      assert.equal((await ask(`${address}picture/abc/0/..%2F..%2Fmetrics.jsonl`)).status, 404);
      for (
        const [headers, method] of [
          [{ host: `example.org:${port}` }],
          [{ host: "example.org" }],
          [{ origin: "http://example.org" }],
          [{ origin: "null" }],
          [{ "sec-fetch-site": "cross-site" }],
          [{}, "POST"],
        ] as [Record<string, string>, string?][]
      ) {
        assert.equal((await ask(`${address}state`, headers, method)).status, 403, JSON.stringify(headers));
      }
      const own = { origin: `http://127.0.0.1:${port}`, "sec-fetch-site": "same-origin" };
      assert.equal((await ask(`${address}state`, own)).status, 200);
      const wrong = address.replace(/\/[^/]+\/$/, "/");
      for (const other of [wrong, `${wrong}x/`, `${wrong}${"A".repeat(24)}/`]) {
        assert.equal((await ask(other)).status, 403);
      }
    } finally {
      await close();
    }
  }));

Deno.test("serveLive() refuses a folder in which nothing ran", () =>
  inFolder(async (dir) => {
    await assert.rejects(serveLive(dir), /Cannot watch ".*": expected a folder of artifacts in which something ran/);
    await assert.rejects(serveLive(`${dir}/none`), /found no such folder/);
  }));
