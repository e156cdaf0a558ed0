import { fileURLToPath } from "node:url";
import denoJson from "../../deno.json" with { type: "json" };
import { IS_PACKAGE } from "./user_folder.ts";

/** What the npm package is called. */
export const PACKAGE = "dfdt";

/** Program and first arguments of a process that runs the same command line as this one. */
export function sameProgram(): string[] {
  return [Deno.execPath(), "run", "-A", mainModule(Deno.mainModule)];
}

/** The module that this process was started with; of a package that lies in Deno's own cache its name, by which it finds its dependencies. */
function mainModule(address: string): string {
  const isCached = IS_PACKAGE && (address.startsWith("npm:") || !address.includes("/node_modules/"));
  return isCached ? `npm:${PACKAGE}@${denoJson.version}` : fileURLToPath(address);
}
