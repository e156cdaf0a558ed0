import { gpu } from "../gpu/mod.ts";
import denoJson from "../../deno.json" with { type: "json" };

/** What makes files; asked when they are finished, since the adapter is known only once it has been opened. */
export function versions(): Record<string, string> {
  return { deno: Deno.version.deno, project: denoJson.version, adapter: adapterName() };
}

function adapterName(): string {
  try {
    return gpu().adapterName;
  } catch {
    return "not opened";
  }
}
