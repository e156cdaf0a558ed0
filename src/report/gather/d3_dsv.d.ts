// What we use of d3-dsv 3.0.1, which brings no types of its own.

/** The cells of comma-separated values (RFC 4180). */
export function csvParseRows(text: string): string[][];
