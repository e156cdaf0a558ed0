import { encodeColourPng } from "../../imaging/io/png.ts";
import { heatColour } from "../cases/heat.ts";
import type { Grey } from "../cases/grey.ts";

/**
 * A slice of a probability in colours, as an address of its own.
 *
 * @param percent its values
 */
export function heatPicture({ width, height, data: percent }: Grey): string {
  const data = new Uint8Array(3 * percent.length);
  for (const [i, value] of percent.entries()) data.set(heatColour(value / 100), 3 * i);
  return `data:image/png;base64,${encodeColourPng({ width, height, data }).toBase64()}`;
}
