import { readFile } from "node:fs/promises";
import {
  type ColourImage,
  decodeGreyPng,
  decodePngPixels,
  encodeColourPng,
  encodeGreyPng,
  type GreyImage,
  type GreyPixels,
  type PngOptions,
  refusePng,
} from "../io/png.ts";

/**
 * Reads a grey PNG: see {@link decodeGreyPng}.
 *
 * @throws {UserError} as it does, and if the file is missing
 */
export async function readGreyPng(path: string): Promise<GreyImage> {
  return decodeGreyPng(await bytesOf(path), path);
}

/**
 * Reads the pixels of a grey PNG as they are stored: see {@link decodePngPixels}.
 *
 * @throws {UserError} as it does, and if the file is missing
 */
export async function readPngPixels(path: string, options: Omit<PngOptions, "name">): Promise<GreyPixels> {
  return decodePngPixels(await bytesOf(path), { ...options, name: path });
}

/** Writes a grey PNG of 8 bits. The same image gives the same bytes. */
export async function writeGreyPng(path: string, image: GreyImage): Promise<void> {
  await Deno.writeFile(path, encodeGreyPng(image));
}

/** Writes a PNG in colours. The same image gives the same bytes. */
export async function writeColourPng(path: string, image: ColourImage): Promise<void> {
  await Deno.writeFile(path, encodeColourPng(image));
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return await readFile(path).catch(() => refusePng(path, "no such file"));
}
