/** Values of settings by dotted path. */
export type Settings = Record<string, string>;

/** A tree of settings as dotted paths and values. */
export function flatSettings(tree: unknown, path = ""): Settings {
  if (typeof tree === "object" && tree !== null && !Array.isArray(tree)) {
    return Object.assign(
      {},
      ...Object.entries(tree).map(([key, value]) => flatSettings(value, path ? `${path}.${key}` : key)),
    );
  }
  return tree === undefined ? {} : { [path]: typeof tree === "string" ? tree : JSON.stringify(tree) };
}

/** The settings in which runs differ, with the value of each run; nothing where a run lacks it. */
export function differingSettings(runs: readonly Settings[]): { path: string; values: (string | undefined)[] }[] {
  const paths = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  return paths.map((path) => ({ path, values: runs.map((run) => run[path]) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}
