import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { UserError } from "../../errors.ts";
import { bundled } from "./bundle.ts";
import { packModel } from "./pack_model.ts";
import style from "../app/page.css" with { type: "text" };

/** What a page is made of. */
export interface PageOptions {
  /** The model in it, a file; none unless given. */
  model?: string;
}

/** A page and what takes its room. */
export interface BuiltPage {
  /** The whole page. */
  html: string;
  /** Bytes in the page by part. */
  parts: Readonly<Record<string, number>>;
}

/** The page in one file: its code, its WGSL, the DICOM converter and, if it is given, a model. The same files give the same page. */
export async function buildPage({ model }: PageOptions = {}): Promise<BuiltPage> {
  const app = inScript(await bundled(new URL("../app/main.tsx", import.meta.url)));
  const converter = fileURLToPath(new URL("./", import.meta.resolve("@niivue/dcm2niix")));
  const pieces: Record<string, string> = {
    worker: packedText(await bundled(new URL("../worker/worker.ts", import.meta.url))),
    "converter-code": packedText(await readFile(join(converter, "dcm2niix.jpeg.js"))),
    "converter-wasm": packedText(await readFile(join(converter, "dcm2niix.jpeg.wasm"))),
  };
  const elements = Object.entries(pieces).map(([id, text]) => pieceElement(id, text));
  if (model !== undefined) {
    const bytes = await readFile(model).catch(() => {
      throw new UserError("usage", `Cannot put "${model}" into the page: expected a model's file, found none`);
    });
    const { planes, start, sha256 } = await packModel(new Uint8Array(bytes), model);
    pieces.model = packedText(planes);
    elements.push(pieceElement("model", pieces.model, { name: basename(model), sha256, start: String(start) }));
  }
  const html = [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(app, style)}">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">`,
    `<title>DFDT: a mask from one painted slice</title><link rel="icon" href="data:,">`,
    `<style>${style}</style></head><body><div id="app"><p class="starting">Opening…</p></div>`,
    `<noscript>This page computes in the browser: allow it to run JavaScript.</noscript>`,
    ...elements,
    `<script>${app}</script></body></html>`,
    "",
  ].join("\n");
  const parts = { app: app.length, style: style.length, ...mapValues(pieces, (text) => text.length) };
  return { html, parts };
}

/**
 * Nothing is asked of anybody. The page's one script and its style are named by their hashes; the worker and the DICOM
 * converter are unpacked into addresses of the page's own.
 */
function policyOf(script: string, style: string): string {
  return `default-src 'none'; script-src '${hashOf(script)}' blob: 'wasm-unsafe-eval'; style-src '${hashOf(style)}'; ` +
    "img-src data: blob:; worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'";
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** A script's text as it may stand in a page. */
function inScript(code: string): string {
  return code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--").trim();
}

function packedText(content: string | Uint8Array): string {
  return new Uint8Array(gzipSync(content, { level: 9 })).toBase64();
}

function pieceElement(id: string, text: string, about: Record<string, string> = {}): string {
  const attributes = Object.entries(about).map(([name, value]) => ` data-${name}="${escaped(value)}"`).join("");
  return `<script type="text/plain" id="${id}"${attributes}>${text}</script>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
