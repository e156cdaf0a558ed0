/// <reference lib="dom" />
import { segmentColour } from "../../imaging/io/dicom_colours.ts";
import { FileButtons } from "./file_buttons.tsx";
import type { ComponentChildren } from "preact";
import { type SessionScan, voxelMillilitres } from "./scan.ts";
import type { Running } from "./segmenting.ts";
import type { PageState } from "./viewer.tsx";
import { TypedInput } from "./typed_input.tsx";
import { counted, millilitresInWords, secondsInWords } from "./words.ts";
import { saveAllNifti, saveDicomSeg, saveNifti, saveProbabilities, saveVolumes } from "./save.ts";

/** The steps from a scan to its mask. */
export function Panel(state: PageState) {
  const { session } = state;
  return (
    <div class="panel">
      <Scans {...state} />
      {session.current && !state.isReadOnly && <Paint {...state} />}
      {session.current && !state.isReadOnly && <Segment {...state} />}
      {session.current && <Result {...state} />}
      <ModelLine {...state} />
    </div>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: ComponentChildren }) {
  return (
    <section class="step">
      <h2>
        <b class="number-of-step">{number}</b> {title}
      </h2>
      {children}
    </section>
  );
}

function Scans({ session, isReadOnly }: PageState) {
  return (
    <Step number={1} title={session.scans.length > 1 ? "Scans" : "Scan"}>
      <ul class="scans">
        {session.scans.map((scan) => (
          <li key={scan.id} class={scan === session.current ? "current" : ""}>
            <button
              type="button"
              class="plain"
              aria-pressed={scan === session.current}
              onClick={() => session.select(scan)}
            >
              <span class="name">{scan.name}</span>
              <small>{stateInWords(scan)}</small>
            </button>
            {!isReadOnly && (
              <button
                type="button"
                class="plain icon"
                aria-label={`Remove ${scan.name}`}
                title="Remove it from the page"
                disabled={!!session.running}
                onClick={() => session.remove(scan)}
              >
                ×
              </button>
            )}
            {scan === session.current && scan.warnings.map((text) => <p class="warning">{text}</p>)}
          </li>
        ))}
      </ul>
      {!isReadOnly && <FileButtons session={session} label="Add a scan…" />}
    </Step>
  );
}

function stateInWords({ volume: { size }, result, examples, kind }: SessionScan): string {
  const shape = `${size.join(" × ")}${kind === "dicom" ? " DICOM" : ""}`;
  if (result) return `${shape} · segmented`;
  return examples.size > 0 ? `${shape} · ${counted(examples.size, "painted slice")}` : shape;
}

function Paint({ session }: PageState) {
  const { examples } = session;
  return (
    <Step number={2} title="Paint it on one slice">
      <ul class="structures">
        {session.structures.map(({ value, name }) => (
          <li key={value}>
            <label class="dot" style={{ "--colour": `rgb(${segmentColour(value).join(" ")})` }}>
              <input
                type="radio"
                name="structure"
                aria-label={`Paint ${name}`}
                checked={session.active === value}
                onChange={() => session.activate(value)}
              />
            </label>
            <TypedInput
              class="name"
              aria-label="Name of the structure"
              value={name}
              onTyped={(text) => session.renameStructure(value, text.trim() || name)}
            />
            {session.canRemove(value) && (
              <button
                type="button"
                class="plain icon"
                aria-label={`Remove ${name}`}
                title="Remove it: it is painted nowhere"
                onClick={() => session.removeStructure(value)}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
      <button type="button" class="small" onClick={() => session.addStructure()}>+ another structure</button>
      {examples.length === 0
        ? (
          <p class="hint">
            Go to a slice that shows it well and paint all of it there. Or drop a file with its label.
          </p>
        )
        : (
          <ul class="chips" aria-label="Examples">
            {examples.map(({ scan, slice }) => (
              <li key={`${scan.id} ${slice}`}>
                <button
                  type="button"
                  class="plain"
                  onClick={() => {
                    if (session.current !== scan) session.select(scan);
                    session.goTo(slice);
                  }}
                >
                  {session.scans.length > 1 ? `${scan.name}, ` : ""}slice {slice + 1}
                </button>
                <button
                  type="button"
                  class="plain icon"
                  aria-label={`No example: ${scan.name}, slice ${slice + 1}`}
                  title="No longer an example"
                  onClick={() => session.dropExample(scan, slice)}
                >
                  ×
                </button>
              </li>
            ))}
          </ul>
        )}
    </Step>
  );
}

function Segment({ session }: PageState) {
  const { scans, current, examples, running, choices } = session;
  if (running) {
    return (
      <Step number={3} title="Segment">
        <Progress running={running} />
        <button type="button" onClick={() => session.cancel()}>Stop</button>
      </Step>
    );
  }
  const isReady = session.canSegment;
  const isAgain = scans.some(({ result }) => result);
  const choice = (name: "from" | "to") => ({
    value: choices[name],
    onInput: (event: { currentTarget: HTMLInputElement }) => session.choose({ [name]: event.currentTarget.value }),
  });
  return (
    <Step number={3} title="Segment">
      <button type="button" class="primary" disabled={!isReady} onClick={() => session.segment(scans)}>
        {scans.length > 1 ? `Segment all ${scans.length} scans` : isAgain ? "Segment again" : "Segment"}
      </button>
      {scans.length > 1 && (
        <button type="button" disabled={!isReady} onClick={() => session.segment([current!])}>
          Only “{current!.name}”
        </button>
      )}
      {examples.length === 0 && <p class="hint">Paint a slice first.</p>}
      <details>
        <summary>More choices</summary>
        <label>
          <input
            type="checkbox"
            checked={choices.largest}
            onChange={(event) => session.choose({ largest: event.currentTarget.checked })}
          />{" "}
          Only the largest piece of each structure
        </label>
        <label>
          <input
            type="checkbox"
            checked={choices.probabilities}
            onChange={(event) => session.choose({ probabilities: event.currentTarget.checked })}
          />{" "}
          Keep the probability, to save it
        </label>
        <div class="range">
          Of “{current!.name}” only slices{" "}
          <input type="number" min={1} max={session.sliceCount} aria-label="First slice" {...choice("from")} /> to{" "}
          <input type="number" min={1} max={session.sliceCount} aria-label="Last slice" {...choice("to")} />
        </div>
      </details>
    </Step>
  );
}

function Progress({ running: { name, scan: [number, of], slices: [done, total], began } }: { running: Running }) {
  const seconds = (performance.now() - began) / 1000;
  return (
    <div class="progress" role="status">
      <progress max={total} value={done} aria-label="Slices" />
      <p>
        {of > 1 ? `${name} (${number} of ${of}): ` : ""}
        {done === 0
          ? "Preparing…"
          : `${done} of ${total} slices${
            done < total ? `, about ${secondsInWords(seconds / done * (total - done))} left` : ""
          }`}
      </p>
    </div>
  );
}

function Result({ session, isReadOnly }: PageState) {
  const scan = session.current!, { counts } = scan;
  if (counts.size === 0) return null;
  const voxel = voxelMillilitres(scan);
  const isCorrected = scan.corrected.has(session.slice);
  const outside = scan.result?.outside ?? 0;
  return (
    <Step number={4} title={!scan.result ? "Painted so far" : isReadOnly ? "Found" : "Check, correct, save"}>
      <table>
        <tbody>
          {session.structures.filter(({ value }) => counts.has(value)).map(({ value, name }) => (
            <tr key={value}>
              <td>
                <i class="dot" style={{ "--colour": `rgb(${segmentColour(value).join(" ")})` }} /> {name}
              </td>
              <td class="number">{millilitresInWords(counts.get(value)! * voxel)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {!isReadOnly && (
        <div class="buttons">
          <button
            type="button"
            onClick={() => saveNifti(session, scan)}
          >
            Save mask (NIfTI)
          </button>
          {scan.kind === "dicom" && (
            <button
              type="button"
              onClick={() => saveDicomSeg(session, scan)}
            >
              Save DICOM SEG
            </button>
          )}
          {scan.probabilities && (
            <button
              type="button"
              onClick={() => saveProbabilities(session, scan)}
            >
              Save probability
            </button>
          )}
          {session.scans.filter(({ counts }) => counts.size > 0).length > 1 && (
            <>
              <button type="button" onClick={() => saveAllNifti(session)}>Save all masks</button>
              <button type="button" onClick={() => saveVolumes(session)}>Save volumes (CSV)</button>
            </>
          )}
        </div>
      )}
      {scan.result && !isReadOnly && (isCorrected
        ? (
          <button type="button" class="primary" onClick={() => session.useAsExample(scan, session.slice)}>
            Use slice {session.slice + 1} as a further example
          </button>
        )
        : (
          <p class="hint">
            Wrong somewhere? Correct that slice with the brush: it stays so, and can be a further example.
          </p>
        ))}
      {outside > 0.005 && (
        <p class="warning">
          The model does not look at {(100 * outside).toFixed(0)} % of this scan: no mask there.
        </p>
      )}
      {scan.result && (
        <p class="fine">
          {counted(scan.result.slices, "slice")} in {secondsInWords(scan.result.seconds)}
        </p>
      )}
    </Step>
  );
}

function ModelLine({ session: { model } }: PageState) {
  return (
    <p class="fine model">
      {model
        ? (
          <>
            Model “{model.name}”{model.experiment === "phantom" && model.name.includes("phantom")
              ? ", trained on synthetic scans only, to show how this works. For your own scans drop a model that was " +
                "trained on scans of their kind (.safetensors)."
              : `, trained in “${model.experiment}”.`}
          </>
        )
        : "No model: drop one (.safetensors)."} For research, not for diagnosis.
    </p>
  );
}
