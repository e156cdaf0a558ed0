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
  /** Where it is printed. */
  source: string;
  /** What a reader has to know of the row, if anything: where its figures stand here otherwise than printed. */
  note: string | undefined;
}

/** Figures are printed with two digits: means of unrounded figures, cut or rounded, differ by less. */
const ROUNDING = 0.02;

/**
 * The printed results on a data set in a setting (docs/reference/preprocessing.md, 14), DFDT's own first; none where
 * nothing is published.
 *
 * @param dataset as results name it, for example `SABS`
 * @throws {Error} for a line of the table with more or fewer cells than its head
 */
export function publishedResults(dataset: string, setting: number): PublishedResult[] {
  const results = rowsOf(text).filter((row) => row.dataset === dataset && Number(row.setting) === setting)
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
        source: row.source,
        note: row.note || undefined,
      };
    });
  const isOwn = ({ method }: PublishedResult) => method === OWN_METHOD;
  return [...results.filter(isOwn), ...results.filter((result) => !isOwn(result))];
}

/** The lines of a table by the names of its head. No cell is quoted: one with a comma would move all that follow it. */
function rowsOf(table: string): Record<string, string>[] {
  const [heads, ...lines] = table.trim().split(/\r?\n/).map((line) => line.split(","));
  return lines.map((cells) => {
    if (cells.length !== heads.length) {
      throw new Error(
        `Cannot read published_results.csv: expected ${heads.length} cells without a comma, found "${cells.join(",")}"`,
      );
    }
    return Object.fromEntries(heads.map((head, i) => [head, cells[i]]));
  });
}
