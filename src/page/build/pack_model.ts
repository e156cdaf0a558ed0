import { UserError } from "../../errors.ts";
import { readModelFile } from "../../model/model_file.ts";
import { encodeSafetensors } from "../../weights/safetensors.ts";

/** A model as it lies in a page. */
export interface PackedModel {
  /** A safetensors file whose numbers lie byte by byte: all first bytes, then all second ones. */
  planes: Uint8Array<ArrayBuffer>;
  /** Where the numbers begin. */
  start: number;
  /** Of the file that it was made of. */
  sha256: string;
}

/** Modules that are published and saved, and that nothing is computed with. */
const UNUSED = /^(encoder\.(reduce2|convs)\.|swim\.head\.|MHA\.)/;

/**
 * Brings a model into the form that packs best: what is never computed with is zero, and the bytes of the numbers are sorted, for
 * those that hold the exponents repeat. What is computed is the same.
 *
 * @param name the file's name, for messages
 * @throws {UserError} if it is no model that says how a scan is brought to it
 */
export async function packModel(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<PackedModel> {
  const { tensors, metadata, configuration, recipe, sha256 } = await readModelFile(bytes, name);
  if (!configuration || !recipe) {
    throw new UserError(
      "data",
      `Cannot put "${name}" into the page: expected a model that says how a scan is brought to it, found one that does ` +
        "not. Make one of it: ./dfdt pipeline EXPERIMENT --weights FILE --set training.steps=0",
    );
  }
  const used = new Map([...tensors].map(([key, tensor]) => {
    if (!UNUSED.test(key)) return [key, tensor];
    return [key, { ...tensor, data: new (tensor.data.constructor as Float32ArrayConstructor)(tensor.data.length) }];
  }));
  const file = encodeSafetensors(used, metadata);
  const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  return { planes: splitPlanes(file, start), start, sha256 };
}

/** All first bytes of the numbers, then all second ones; what is left over stays at the end. */
export function splitPlanes(bytes: Uint8Array<ArrayBuffer>, start: number): Uint8Array<ArrayBuffer> {
  const planes = bytes.slice(), count = Math.floor((bytes.length - start) / 4);
  for (let plane = 0; plane < 4; plane++) {
    for (let i = 0; i < count; i++) planes[start + plane * count + i] = bytes[start + 4 * i + plane];
  }
  return planes;
}
