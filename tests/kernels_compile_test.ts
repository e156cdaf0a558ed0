import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gpu, openDevice, Wgsl } from "../src/gpu/mod.ts";

async function* kernelFiles(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(name + (isDirectory ? "/" : ""), folder);
    if (isDirectory) yield* kernelFiles(url);
    else if (name.endsWith(".wgsl")) yield url;
  }
}

/** Compiles a text and asserts that nothing is wrong with it. */
async function expectCompiles(text: string, name: string): Promise<void> {
  const { device, subgroups } = gpu();
  const uses = text.includes("subgroupShuffle(");
  if (uses && subgroups === undefined) return; // nobody can run it here
  device.pushErrorScope("validation");
  const code = (uses ? subgroups : "") + text;
  const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
  const error = await device.popErrorScope();
  const problems = messages.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`);
  assert.deepEqual(problems, [], name);
  assert.equal(error, null, name);
}

Deno.test("every .wgsl file compiles as it stands, unrolled, and as llvmpipe reads it from textures", async () => {
  await openDevice();
  let count = 0, rewritten = 0;
  for (const root of ["../kernels/", "../src/"]) {
    for await (const file of kernelFiles(new URL(root, import.meta.url))) {
      const text = await Deno.readTextFile(file), name = fileURLToPath(file);
      await expectCompiles(text, name);
      const wgsl = new Wgsl(text);
      await expectCompiles(wgsl.withConstants({}).code, `${name}, unrolled`);
      count++;
      const form = wgsl.fromTextures();
      if (!form) continue;
      await expectCompiles(form.wgsl.withConstants({}).code, `${name}, from textures`);
      rewritten++;
    }
  }
  assert.ok(count > 20 && rewritten > 20, `${count} files, ${rewritten} of them rewritten`);
});
