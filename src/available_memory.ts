import { readFile } from "node:fs/promises";

/** Bytes that this process may still take: what the system has, or a container's limit leaves. */
export async function availableMemory(): Promise<number> {
  const limits = await Promise.all([
    remaining("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    remaining("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
  ]);
  return Math.max(0, Math.min(Deno.systemMemoryInfo().available, ...limits));
}

async function remaining(limitFile: string, usageFile: string): Promise<number> {
  const read = async (path: string) => Number.parseInt(await readFile(path, "utf8").catch(() => ""));
  const left = await read(limitFile) - await read(usageFile);
  return Number.isNaN(left) ? Infinity : left; // no such file, or "max"
}
