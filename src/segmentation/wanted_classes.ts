import { UserError } from "../errors.ts";
import type { ModelClass } from "../model/model_facts.ts";
import { labelledClasses, type LabelledScan } from "../model/support_set.ts";

/** Values or names that a message lists. */
const MOST_LISTED = 12;

/**
 * The classes that `--label` names among those that supports show: `all`, a value, a name, or `N=NAME`, which names a value.
 *
 * @param wanted what the user gave, in order; all unless given
 * @param model whose classes have names
 * @throws {UserError} for what no support shows, or two classes of one name
 */
export function wantedClasses(
  wanted: readonly string[],
  model: { classes: readonly ModelClass[] },
  scans: readonly LabelledScan[],
): ModelClass[] {
  const all = labelledClasses(model, scans);
  const shown = () =>
    all.slice(0, MOST_LISTED).map(({ value, name }) => name === `label_${value}` ? `${value}` : `${value} (${name})`)
      .join(", ") + (all.length > MOST_LISTED ? ", …" : "");
  const of = (value: number, text: string): ModelClass => {
    const found = all.find((one) => one.value === value);
    if (found) return found;
    throw new UserError(
      "usage",
      `Cannot use --label "${text}": expected a label of the support, ${shown()}, found none of it`,
    );
  };
  const chosen = new Map<number, ModelClass>();
  const add = (one: ModelClass) => chosen.set(one.value, one);
  for (const text of wanted.length === 0 ? ["all"] : wanted) {
    const named = /^(-?\d+)=(.+)$/s.exec(text);
    const known = model.classes.find(({ name }) => name === text);
    if (text === "all") { for (const one of all) add(chosen.get(one.value) ?? one); }
    else if (named) add({ ...of(Number(named[1]), text), name: named[2] });
    else if (/^-?\d+$/.test(text)) add(chosen.get(Number(text)) ?? of(Number(text), text));
    else if (known) add(of(known.value, text));
    else {
      const names = model.classes.map(({ name }) => name).slice(0, MOST_LISTED).join(", ");
      throw new UserError(
        "usage",
        `Cannot use --label "${text}": expected all, a value (${shown()}), a name of the model's classes` +
          `${names ? ` (${names})` : ""}, or VALUE=NAME`,
      );
    }
  }
  if (chosen.has(0)) throw new UserError("usage", 'Cannot use --label "0": expected a class, 0 is background');
  const classes = [...chosen.values()].sort((a, b) => a.value - b.value);
  const twice = classes.find(({ name }, i) => classes.findIndex((one) => one.name === name) !== i);
  if (twice) {
    throw new UserError("usage", `Cannot use --label: expected different names, found "${twice.name}" twice`);
  }
  return classes;
}
