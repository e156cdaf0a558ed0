import assert from "node:assert/strict";
import { adapterInWords, offeredAdapters, useAdapter } from "./adapter_choice.ts";

Deno.test("adapterInWords() hints at a GPU that a driver in software passes over", () => {
  const words = (adapterKernels: "gpu" | "llvmpipe", file?: string) =>
    adapterInWords({ adapterName: "some adapter", adapterKernels }, (path) => path === file).map(
      ({ event, message }) => {
        return `${event}: ${message}`;
      },
    );
  assert.deepEqual(words("llvmpipe"), ["plan: computes on some adapter"]);
  assert.deepEqual(words("gpu", "/dev/nvidia0"), ["plan: computes on some adapter"]);
  assert.match(
    words("llvmpipe", "/dev/nvidia0")[1],
    /^warning: "some adapter" is a driver in software, although .*nvidia0/,
  );
});

Deno.test("useAdapter() knows the adapters of the system by any part of their names, and names them where there is none", async () => {
  const [{ name }] = await offeredAdapters();
  await useAdapter(name.slice(1, 6).toUpperCase());
  await assert.rejects(useAdapter("no such adapter"), (error: Error) => error.message.includes(`"${name}"`));
});
