import stringWidth from "string-width";

/** Rows of text in columns as wide as their cells, words to the left and figures to the right; cut off at `columns`. */
export function alignedTable(rows: readonly (readonly string[])[], columns: number): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => stringWidth(row[i] ?? ""))));
  const isFigure = rows[0].map((_, i) => rows.slice(1).every((row) => /^[\d–]/.test(row[i] ?? "")));
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const gap = " ".repeat(widths[i] - stringWidth(cell));
      return isFigure[i] ? gap + cell : cell + gap;
    });
    return [...cells.join("  ").trimEnd()].slice(0, columns).join("");
  }).join("\n");
}
