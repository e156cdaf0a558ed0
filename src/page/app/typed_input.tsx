import { useState } from "preact/hooks";

/** A field in which a person types: what is typed stays as it is, however often the page is drawn meanwhile, until it is done. */
export function TypedInput({ value, onTyped, ...attributes }: {
  /** What it shows while nobody types. */
  value: string | number;
  /** Told what was typed, once it is done. */
  onTyped: (text: string) => void;
  type?: "number";
  step?: "any";
  class?: string;
  "aria-label"?: string;
}) {
  const [draft, setDraft] = useState<string>();
  return (
    <input
      {...attributes}
      list={undefined}
      value={draft ?? value}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={(event) => {
        setDraft(undefined);
        onTyped(event.currentTarget.value);
      }}
      onBlur={() => setDraft(undefined)}
    />
  );
}
