import { UserError } from "../errors.ts";

/** A class as the user knows it. */
export interface NamedClass {
  /** Its name. */
  name: string;
  /** Its value in the user's files, and in results. */
  value: number;
}

/** What a case has of a class. */
export interface Presence {
  /** Voxels after resampling. */
  after: number;
  /** Voxels in the file, where known. */
  before?: number;
  /** What would keep a class that is lost, in words. */
  wayToKeep?: string;
}

/** Classes that a line names. */
const MOST_NAMED = 8;

/**
 * The class numbers that are tested.
 *
 * @param labels those that the configuration asks for, by name or value; `null` for all
 * @param classes by class number, background first
 * @throws {UserError} for one that is no class
 */
export function wantedClasses(
  labels: readonly (number | string)[] | null,
  classes: readonly NamedClass[],
): { tested: number[]; named: boolean } {
  if (labels === null) return { tested: classes.map((_, number) => number).slice(1), named: false };
  const tested = labels.map((label) => {
    const found = classes.findIndex(({ name, value }, number) =>
      number > 0 && (typeof label === "number" ? value === label : name === label || name.normalize("NFC") === label)
    );
    if (found < 0) throw new UserError("usage", `Cannot test ${quoted(label)}: expected ${known(classes)}`);
    return found;
  });
  if (tested.length === 0) throw new UserError("usage", `Cannot test no class at all: expected ${known(classes)}`);
  return { tested: [...new Set(tested)], named: true };
}

function quoted(label: number | string): string {
  return typeof label === "number" ? `label ${label}` : `"${label}"`;
}

function known(classes: readonly NamedClass[]): string {
  const shown = classes.slice(1, 1 + MOST_NAMED).map(({ name, value }) => `${value} (${name})`).join(", ");
  return `test.labels among ${shown}${classes.length > 1 + MOST_NAMED ? ", …" : ""}, by value or name, as in --set ` +
    `test.labels=[${classes[1].value}]`;
}

/**
 * Leaves out the classes that the support case does not show, or refuses them where the user named them
 * (docs/command-line.md, "Classes that are tested").
 *
 * @param options.presence what each labelled case has of each class number; the support's is looked at first
 * @returns the classes that are left, and a line about the others
 * @throws {UserError} for a class that the user named, or where none is left; it says what would help
 */
export function shownClasses(
  { tested, named }: { tested: readonly number[]; named: boolean },
  { support, classes, presence, others }: {
    support: string;
    classes: readonly NamedClass[];
    presence: (number: number) => Presence;
    /** The other labelled cases that show a class, looked for only where one is missing. */
    others: (number: number) => string[];
  },
): { tested: number[]; line?: string } {
  const left = tested.filter((number) => presence(number).after > 0);
  const missing = tested.filter((number) => !left.includes(number));
  if (missing.length === 0) return { tested: left };
  const list = missing.slice(0, MOST_NAMED).map((number) => `"${classes[number].name}"`).join(", ");
  const names = missing.length > MOST_NAMED ? `${missing.length} classes (${list}, …)` : list;
  if (!named && left.length > 0) {
    return {
      tested: left,
      line: `${names}: left out, since the support case "${support}" does not show ${
        missing.length > 1 ? "them" : "it"
      }`,
    };
  }
  const ways = missing.slice(0, MOST_NAMED).map((number) => {
    const { before, wayToKeep } = presence(number);
    const { name } = classes[number];
    if (before) return `"${name}" has ${before} voxels in the file, none after resampling: ${wayToKeep}`;
    const [other] = others(number);
    return other === undefined
      ? `no labelled case shows "${name}"`
      : `case "${other}" shows "${name}": --set test.support=${other}`;
  });
  if (left.length > 0) {
    ways.push(`--set test.labels=[${left.map((number) => classes[number].value).join(",")}] tests the others`);
  }
  throw new UserError(
    "data",
    `Cannot test ${names}: expected the support case "${support}" to show ${
      left.length === 0 ? "a tested class" : "every tested class"
    }, found none of ${missing.length > 1 ? "their" : "its"} voxels. ${ways.join("; ")}`,
  );
}
