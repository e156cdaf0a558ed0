import { duration } from "../../pipeline/duration.ts";
import type { PageData } from "../page_data.ts";
import { Section } from "./section.tsx";

/** The exact command, configuration, keys, versions, adapter, seed and times. */
export function ProvenanceSection({ provenance }: Pick<PageData, "provenance">) {
  const { command, folder, startTime, endTime, host, versions, seed, configuration, stages, warnings } = provenance;
  const facts: [string, string | undefined][] = [
    ["folder", folder],
    ["begun", startTime && timeOf(startTime)],
    ["ended", endTime && timeOf(endTime)],
    ["took", startTime && endTime && duration((Date.parse(endTime) - Date.parse(startTime)) / 1000)],
    ["machine", host],
    ["adapter", versions.adapter],
    ["project", versions.project],
    ["Deno", versions.deno],
    ["seed", seed === undefined ? undefined : String(seed)],
  ];
  return (
    <Section
      id="provenance"
      title="Provenance"
      note={command === undefined ? "No record of the run was kept: its command and times are not known." : undefined}
    >
      {command && (
        <div class="command">
          <code id="command">{command}</code>
          <button type="button" data-copy="command">Copy</button>
        </div>
      )}
      <dl class="facts">
        {facts.filter(([, value]) => value).map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {stages.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Stages of the run">
          <table class="plain words">
            <caption>Stages</caption>
            <thead>
              <tr>
                <th scope="col">stage</th>
                <th scope="col">key</th>
                <th scope="col">state</th>
                <th scope="col">took</th>
              </tr>
            </thead>
            <tbody>
              {stages.map(({ name, key, state, seconds }) => (
                <tr>
                  <th scope="row">{name}</th>
                  <td>{key ? <code>{key}</code> : "–"}</td>
                  <td>{state}</td>
                  <td>{seconds === undefined ? "–" : duration(seconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {warnings.length > 0 && (
        <details open={warnings.length <= 5}>
          <summary>{warnings.length === 1 ? "A warning" : `${warnings.length} warnings`}</summary>
          <ul>{warnings.map((line) => <li>{line}</li>)}</ul>
        </details>
      )}
      {configuration !== undefined && (
        <details>
          <summary>Configuration</summary>
          <pre tabIndex={0} role="region" aria-label="Configuration">{JSON.stringify(configuration, undefined, 1)}</pre>
        </details>
      )}
    </Section>
  );
}

function timeOf(iso: string): string {
  return iso.replace("T", " ").replace(/\.\d+Z$/, " UTC");
}
