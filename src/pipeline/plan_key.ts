import { canonicalJson, hashText } from "./digest.ts";
import { filesOf, type InputFile, type Node } from "./graph.ts";
import { isOne, mapValues } from "./plan.ts";

/** Raise when other keys come out. */
const VERSION = 1;

/**
 * A name for every node that is known before anything is made, and stays the same while it is: made of parameters, of the
 * content of raw files and of the names of its sources. (An artifact's key is made of its inputs' content, so it is known only
 * when they are.)
 *
 * @param nodes those before others first
 * @param digest of a raw file
 */
export async function planKeys(
  nodes: readonly Node[],
  digest: (path: string) => Promise<string>,
): Promise<Map<Node, string>> {
  const keys = new Map<Node, string>();
  const raw = new Map<string, string>();
  const nameOf = ({ node, file }: InputFile) => node ? [keys.get(node), file] : raw.get(file);
  for (const node of nodes) {
    const inputs = mapValues(node.inputs, filesOf);
    for (const files of Object.values(inputs)) {
      for (const { node: source, file } of isOne(files) ? [files] : Object.values(files)) {
        if (!source && !raw.has(file)) raw.set(file, await digest(file));
      }
    }
    const { stage: { name, version }, params, ids, experiment } = node;
    const files = mapValues(inputs, (one) => isOne(one) ? nameOf(one) : mapValues(one, nameOf));
    const about = { planned: VERSION, experiment, stage: name, version, params, ids, files };
    keys.set(node, hashText(canonicalJson(about)).slice(0, 24));
  }
  return keys;
}
