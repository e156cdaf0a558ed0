/** Digits and letters of 3 × 5 pixels, rows from the top: what stands on a sheet of slices. */
const GLYPHS: Readonly<Record<string, string>> = {
  "0": "###/#.#/#.#/#.#/###",
  "1": ".#./##./.#./.#./###",
  "2": "###/..#/###/#../###",
  "3": "###/..#/.##/..#/###",
  "4": "#.#/#.#/###/..#/..#",
  "5": "###/#../###/..#/###",
  "6": "###/#../###/#.#/###",
  "7": "###/..#/.#./.#./.#.",
  "8": "###/#.#/###/#.#/###",
  "9": "###/#.#/###/..#/###",
  A: ".#./#.#/###/#.#/#.#",
  I: "###/.#./.#./.#./###",
  L: "#../#../#../#../###",
  P: "###/#.#/###/#../#..",
  R: "##./#.#/##./#.#/#.#",
  S: "###/#../###/..#/###",
};

/** Pixels from one character to the next. */
const ADVANCE = 4;

/** The lit pixels of a word, from its top left corner; characters that have no picture are left blank. */
export function* litPixels(word: string): Generator<[x: number, y: number]> {
  for (const [i, character] of [...word].entries()) {
    for (const [y, row] of (GLYPHS[character] ?? "").split("/").entries()) {
      for (const [x, pixel] of [...row].entries()) if (pixel === "#") yield [i * ADVANCE + x, y];
    }
  }
}

/** Pixels that a word takes in a row. */
export function wordWidth(word: string): number {
  return word.length * ADVANCE - 1;
}
