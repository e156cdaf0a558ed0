import type { PageData } from "../page_data.ts";
import { Section } from "./section.tsx";

/** Pictures from on the way. */
export function Sheets({ sheets }: Pick<PageData, "sheets">) {
  if (sheets.length === 0) return null;
  return (
    <Section id="sheets" title="On the way" note="Pictures that the stages left in their folders.">
      <div class="sheets">
        {sheets.map(({ title, address }) => (
          <figure>
            <img src={address} alt={title} />
            <figcaption>{title}</figcaption>
          </figure>
        ))}
      </div>
    </Section>
  );
}
