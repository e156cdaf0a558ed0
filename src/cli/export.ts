import { Command } from "@commander-js/extra-typings";
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { type NetworkConfiguration, publishedState } from "../dfdt/mod.ts";
import { UserError } from "../errors.ts";
import { encodePth } from "../weights/encode_pth.ts";
import { encodeSafetensors, type StoredTensor } from "../weights/safetensors.ts";
import { checkMatch, matchWeights } from "../weights/weight_map.ts";
import { readBytes } from "../dfdt_training/initial_state.ts";
import { type ModelFile, readModelFile } from "../model/model_file.ts";
import { A_MODEL } from "./inspect.ts";

/** `deno task export MODEL --out FILE`: a model as a state_dict with the published names. */
export function command() {
  return new Command("export")
    .description("writes a model with the published names, for PyTorch (.pth) or as .safetensors")
    .argument("<model>", "model.safetensors, a snapshot, or a .pth of a DFDT network")
    .requiredOption("--out <file>", "FILE.pth or FILE.safetensors")
    .option("--module-prefix", 'puts "module." before every name, as a model in DataParallel has them')
    .option("--force", "overwrites FILE")
    .action(async (model, { out, modulePrefix, force }) => {
      const format = /\.(pth|safetensors)$/.exec(out)?.[1];
      if (!format) throw new UserError("usage", `Cannot export to "${out}": expected FILE.pth or FILE.safetensors`);
      if (existsSync(out) && !force) {
        throw new UserError(
          "usage",
          `Cannot export to "${out}": expected a new file, found one. --force overwrites it`,
        );
      }
      const file = await readModelFile(await readBytes(model, A_MODEL), model);
      if (!file.configuration) {
        throw new UserError("data", `Cannot export "${model}": expected a DFDT network, found other names`);
      }
      const state = publishedStateDict(file, file.configuration, model);
      const named = modulePrefix ? new Map([...state].map(([name, tensor]) => [`module.${name}`, tensor])) : state;
      const bytes = format === "pth" ? encodePth(named) : encodeSafetensors(named, exportedMetadata(file));
      try {
        await Deno.writeFile(`${out}.partial`, bytes);
        await rename(`${out}.partial`, out);
      } catch (error) {
        await rm(`${out}.partial`, { force: true });
        const found = error instanceof Error ? error.message : String(error);
        throw new UserError("usage", `Cannot write "${out}": expected a folder to write to, found ${found}`);
      }
      console.log(`${out}: ${named.size} entries, ${bytes.length} bytes`);
    });
}

/**
 * The state_dict as the published code loads it strictly: all entries in its order, the constant buffers made anew.
 *
 * @param name the file's name, for messages
 * @throws {UserError} of kind `data` if something of the network is not in the file
 */
export function publishedStateDict(
  { tensors }: Pick<ModelFile, "tensors">,
  configuration: NetworkConfiguration,
  name: string,
): Map<string, StoredTensor> {
  const entries = publishedState(configuration);
  const matched = matchWeights(tensors, entries, name);
  checkMatch(matched, name);
  const result = new Map<string, StoredTensor>();
  for (const { name, shape, kind, values } of entries) {
    if (kind === "counter") {
      const count = BigInt(tensors.get(name)?.data[0] ?? 0);
      result.set(name, { dtype: "I64", shape, data: BigInt64Array.of(count) });
    } else if (values) result.set(name, { dtype: values instanceof Float32Array ? "F32" : "I64", shape, data: values });
    else result.set(name, { dtype: "F32", shape, data: matched.loaded.get(name)! });
  }
  return result;
}

/** What the model says of itself; of a `.pth` that says nothing, its sizes and where it comes from. */
function exportedMetadata({ metadata, configuration, sha256 }: ModelFile): Record<string, string> {
  if (metadata.configuration !== undefined) return metadata;
  return {
    format: "dfdt-model/2",
    configuration: JSON.stringify(configuration),
    weights: JSON.stringify({ kind: "dfdt", sha256 }),
  };
}
