import { stripTypeScriptTypes } from "node:module";
import { gzipSync } from "node:zlib";
import ratings from "../client/ratings.client.ts" with { type: "text" };
import scheme from "../client/scheme.client.ts" with { type: "text" };
import table from "../client/table.client.ts" with { type: "text" };
import viewer from "../client/viewer.client.ts" with { type: "text" };

const SCRIPTS = { ratings, scheme, table, viewer } as const;

/** A script of a page as an element of it: the module without its types, its comments and its blank lines. */
export function scriptElement(name: keyof typeof SCRIPTS): string {
  return `<script type="module">${plainScript(SCRIPTS[name])}</script>`;
}

/** The text of a module as a browser takes it. */
export function plainScript(source: string): string {
  const lines = stripTypeScriptTypes(source).split("\n").map((line) => line.trim());
  const kept = lines.filter((line) => line !== "" && line !== "export {};" && !/^(?:\/\/|\/\*\*.*\*\/$)/.test(line));
  return kept.join("\n");
}

/** Name of the element that holds the provenance of a page, from which it can be made again. */
export const PROVENANCE = "provenance-data";

/** Data for the scripts of a page, which no end of a script can break out of. */
export function dataElement(id: string, data: unknown): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>`;
}

/** The data of a page's element of that name; `undefined` if it has none. */
export function dataInPage(page: string, id: string): unknown {
  const head = `<script type="application/json" id="${id}">`, start = page.indexOf(head);
  if (start < 0) return undefined;
  return JSON.parse(page.slice(start + head.length, page.indexOf("</script>", start)));
}

/** Bytes for the scripts of a page, in base64. */
export function bytesElement(id: string, base64: string): string {
  return `<script type="text/plain" id="${id}">${base64}</script>`;
}

let packed: string | undefined;

/** NiiVue, gzip and base64: a third of its size. */
export async function niivueElement(): Promise<string> {
  if (packed === undefined) {
    const { default: source } = await import("../../../node_modules/@niivue/niivue/dist/niivue.umd.js", {
      with: { type: "text" },
    });
    packed = new Uint8Array(gzipSync(source)).toBase64();
  }
  return bytesElement("niivue", packed);
}
