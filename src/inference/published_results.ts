import text from "./published_results.csv" with { type: "text" };

/** Classes of the printed tables, in their order. */
export const PUBLISHED_CLASSES: readonly string[] = ["LIVER", "RK", "LK", "SPLEEN"];

/** The method that this project is. */
export const OWN_METHOD = "DFDT";

/** A line of a printed table, Dice in percent. */
export interface PublishedResult {
  /** Name of the method. */
  method: string;
  /** Year of its paper, if printed. */
  year: number | undefined;
  /** By class. */
  dice: Record<string, number>;
  /** As printed. */
  mean: number;
  /** Of the classes' figures as printed. */
  meanOfClasses: number;
  /** Whether the printed mean is that of its classes, up to rounding. */
  isConsistent: boolean;
}

/** Figures are printed with two digits: means of unrounded figures, cut or rounded, differ by less. */
const ROUNDING = 0.02;

/**
 * The printed results on a data set in a setting (preprocessing reference, published results), DFDT's own first; none where
 * nothing is published.
 *
 * @param dataset as results name it, for example `SABS`
 */
export function publishedResults(dataset: string, setting: number): PublishedResult[] {
  const [heads, ...lines] = text.trim().split(/\r?\n/).map((line) => line.split(","));
  const results = lines.map((cells) => Object.fromEntries(heads.map((head, i) => [head, cells[i]])))
    .filter((row) => row.dataset === dataset && Number(row.setting) === setting)
    .map((row): PublishedResult => {
      const dice = Object.fromEntries(PUBLISHED_CLASSES.map((name) => [name, Number(row[name])]));
      const mean = Number(row.mean);
      const meanOfClasses = PUBLISHED_CLASSES.reduce((sum, name) => sum + dice[name], 0) / PUBLISHED_CLASSES.length;
      return {
        method: row.method,
        year: row.year ? Number(row.year) : undefined,
        dice,
        mean,
        meanOfClasses,
        isConsistent: Math.abs(mean - meanOfClasses) < ROUNDING,
      };
    });
  const isOwn = ({ method }: PublishedResult) => method === OWN_METHOD;
  return [...results.filter(isOwn), ...results.filter((result) => !isOwn(result))];
}
