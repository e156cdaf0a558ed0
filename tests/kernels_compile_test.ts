import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gpu, openDevice } from "../src/gpu/mod.ts";

async function* kernelFiles(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(name + (isDirectory ? "/" : ""), folder);
    if (isDirectory) yield* kernelFiles(url);
    else if (name.endsWith(".wgsl")) yield url;
  }
}

Deno.test("every .wgsl file compiles as it stands", async () => {
  await openDevice();
  let count = 0;
  for (const root of ["../kernels/", "../src/"]) {
    for await (const file of kernelFiles(new URL(root, import.meta.url))) {
      const { device } = gpu();
      device.pushErrorScope("validation");
      const { messages } = await device.createShaderModule({ code: await Deno.readTextFile(file) })
        .getCompilationInfo();
      await device.popErrorScope();
      const problems = messages.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`);
      assert.deepEqual(problems, [], fileURLToPath(file));
      count++;
    }
  }
  assert.ok(count > 20);
});
