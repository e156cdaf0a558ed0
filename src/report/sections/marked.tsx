/** A text in which words within backticks are code. */
export function Marked({ text }: { text: string }) {
  return <>{text.split("`").map((piece, i) => i % 2 === 1 ? <code>{piece}</code> : piece)}</>;
}
