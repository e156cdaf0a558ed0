import type { ComponentChildren } from "preact";

/** A section of a page with its heading, which the page's menu leads to. */
export function Section(
  { id, title, note, children }: { id: string; title: string; note?: ComponentChildren; children: ComponentChildren },
) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

/** The text of an SVG in the page. */
export function Svg({ text, class: name = "figure" }: { text: string; class?: string }) {
  return <div class={name} dangerouslySetInnerHTML={{ __html: text }} />;
}
