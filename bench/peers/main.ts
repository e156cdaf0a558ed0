// One peer for the web as a process: reads a line of JSON with an operator, computes it once and prints some values of its result,
// or what went wrong; from then on every line that it reads makes it compute once more and print what that took.
import process from "node:process";
import { createInterface } from "node:readline";
import { jax } from "./jax.ts";
import { onnxruntime } from "./onnxruntime.ts";
import { tfjs } from "./tfjs.ts";
import type { Framework, Ready, WebWork } from "./work.ts";

const FRAMEWORKS: Record<string, () => Promise<Framework>> = {
  "tfjs WebGPU": () => tfjs("webgpu"),
  "tfjs WASM": () => tfjs("wasm"),
  "onnxruntime-web WebGPU": () => onnxruntime("webgpu"),
  "onnxruntime-web WASM": () => onnxruntime("wasm"),
  "jax-js WebGPU": () => jax("webgpu"),
  "jax-js WASM": () => jax("wasm"),
};

// What peers print must not be taken for an answer.
const answer = (value: unknown) => process.stdout.write(`answer ${JSON.stringify(value)}\n`);
const fail = (error: unknown) => {
  answer({ error: String((error as Error)?.message ?? error).split("\n")[0].slice(0, 120) });
  Deno.exit(0);
};
addEventListener("error", (event) => fail(event.error));
addEventListener("unhandledrejection", (event) => fail(event.reason));

let ready: Ready | undefined;
try {
  const framework = await FRAMEWORKS[Deno.args[0]]();
  for await (const line of createInterface({ input: process.stdin })) {
    if (!ready) {
      ready = await framework(JSON.parse(line) as WebWork);
      await ready.run();
      const values = await ready.values();
      const every = Math.max(1, Math.floor(values.length / 1000));
      answer({ values: Array.from({ length: Math.ceil(values.length / every) }, (_, i) => values[i * every]) });
      continue;
    }
    const start = performance.now(), before = process.cpuUsage();
    await ready.run();
    const { user, system } = process.cpuUsage(before);
    answer({ clock: performance.now() - start, processor: (user + system) / 1000 });
  }
} catch (error) {
  fail(error);
}
Deno.exit(0);
