import { Command } from "@commander-js/extra-typings";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { buildPage } from "../page/build/build_page.ts";
import { PROJECT } from "./user_folder.ts";
import { join } from "node:path";

/** The model of the phantom that comes along, from the project's root. */
const PHANTOM_MODEL = "models/phantom/phantom.safetensors";

/** `deno task page`: the browser page in one file. */
export function command() {
  return new Command("page")
    .description("the browser page: a mask from one painted slice, in one file that asks nothing of anybody")
    .option("--out <file>", "where it goes", "dist/dfdt.html")
    .option("--model <file>", "the model in it; the one of the phantom unless given")
    .option("--no-model", "a page without a model, into which one is dropped")
    .option("--json", "one JSON object a line")
    .action(async ({ out, model, json }) => {
      const file = model === false ? undefined : typeof model === "string" ? model : join(PROJECT, PHANTOM_MODEL);
      const { html, parts } = await buildPage({ model: file });
      await mkdir(dirname(out), { recursive: true });
      await writeFile(out, html);
      const bytes = new TextEncoder().encode(html).length;
      if (json) return console.log(JSON.stringify({ event: "done", page: out, bytes, parts }));
      const megabytes = (count: number) => `${(count / 1e6).toFixed(2)} MB`;
      console.log(
        `${out}  ${megabytes(bytes)} (${
          Object.entries(parts).map(([name, n]) => `${name} ${megabytes(n)}`).join(", ")
        })`,
      );
    });
}
