/** Bytes of a class's name that a file's name may hold: file systems allow 255 for the whole. */
const MOST_BYTES = 100;

/**
 * A part of a file's name for every class, no two of which are one file anywhere: characters other than letters, digits, `_`
 * and `-` of any script become `_`, and where two names meet, also for systems that do not tell capitals apart, or one had to
 * be cut short, each gets its label.
 *
 * @param classes with labels that are all different
 */
export function predictionNames(classes: readonly { name: string; label: number }[]): string[] {
  const plain = classes.map(({ name }) => name.normalize("NFC").replace(/[^\p{L}\p{M}\p{N}_-]/gu, "_"));
  const short = plain.map(cutShort);
  const folded = (name: string) => name.toLowerCase().normalize("NFC");
  const result = [...short];
  const labelled = new Set<number>(short.flatMap((name, i) => name === plain[i] ? [] : [i]));
  // a name with its label may meet another one that looks so from the start
  for (;;) {
    for (const i of labelled) result[i] = `${short[i]}_${classes[i].label}`;
    const byName = Map.groupBy(result.keys(), (i) => folded(result[i]));
    const meeting = [...byName.values()].filter((group) => group.length > 1).flat();
    const further = meeting.filter((i) => !labelled.has(i));
    if (further.length === 0) return result;
    for (const i of further) labelled.add(i);
  }
}

function cutShort(name: string): string {
  const encoder = new TextEncoder();
  let result = "";
  for (const character of name) {
    if (encoder.encode(result + character).length > MOST_BYTES) return result;
    result += character;
  }
  return result;
}
