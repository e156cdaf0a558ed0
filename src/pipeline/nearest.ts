/** Fewest insertions, deletions and replacements between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** The known name that is most like a wrong one. */
export function nearest(wrong: string, known: readonly string[]): string {
  return [...known].sort((a, b) => distance(wrong, a) - distance(wrong, b))[0];
}

/** The end of a message about an unknown name: `: did you mean "…"?` */
export function didYouMean(wrong: string, known: readonly string[]): string {
  return `: did you mean "${nearest(wrong, known)}"? Known are ${known.join(", ")}`;
}
