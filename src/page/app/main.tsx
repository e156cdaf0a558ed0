/// <reference lib="dom" />
import { render } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import type { PagePieces } from "../protocol.ts";
import { droppedFiles, FileButtons } from "./file_buttons.tsx";
import { Keep } from "./keep.ts";
import { handleKey, KEYS } from "./keys.ts";
import { Look } from "./look.ts";
import { Panel } from "./panel.tsx";
import { modelPiece, textPiece, unpackedPiece } from "./pieces.ts";
import { nextScheme, useScheme } from "./scheme.ts";
import { Session } from "./session.ts";
import { type PageState, Viewer } from "./viewer.tsx";
import { WorkerLine } from "./worker_line.ts";

/** Windows that are smaller are too small to paint in. */
const SMALL = "(max-width: 700px)";

const pieces = async (): Promise<PagePieces> => ({
  converterCode: await textPiece("converter-code"),
  converterWasm: await unpackedPiece("converter-wasm"),
});
const line = new WorkerLine(textPiece("worker"), pieces(), (fault) => session.lost(fault));
const session = new Session(line, new Keep(), modelPiece());
const look = new Look();

function App() {
  const [, refresh] = useReducer((count: number, _: void) => count + 1, 0);
  const [isOver, setOver] = useState(false), [help, setHelp] = useState(false);
  const [isReadOnly, setReadOnly] = useState(() => matchMedia(SMALL).matches);
  const scan = session.current;
  const state: PageState = { session, look, isReadOnly, refresh: () => refresh() };
  useEffect(() => {
    let frame: number | undefined;
    session.onChange(() => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        refresh();
      });
    });
    const small = matchMedia(SMALL);
    small.addEventListener("change", () => setReadOnly(small.matches));
    document.addEventListener("keydown", (event) => {
      if (handleKey(event, session, look, () => setHelp((is) => !is))) refresh();
    });
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      setOver(true);
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && setOver(false));
    document.addEventListener("drop", async (event) => {
      event.preventDefault();
      setOver(false);
      const files = await droppedFiles(event.dataTransfer!.items);
      if (session.running) {
        session.tell("info", "Wait until the scan is segmented, or press “Stop”: then drop it again");
      } else if (files.length > 0) session.addFiles(files);
    });
    session.start();
  }, []);
  const [seen, setSeen] = useState<number>();
  if (scan && seen !== scan.id) {
    look.reset(scan, session.model?.windowHU);
    setSeen(scan.id);
  }
  return (
    <>
      <header>
        <h1>DFDT</h1>
        <p>A mask from one painted slice. Your scan never leaves this computer.</p>
        <span class="grow" />
        <button type="button" class="plain" onClick={() => setHelp(!help)}>Keys</button>
        <button type="button" class="plain" aria-label="Light or dark" onClick={nextScheme}>◐</button>
        <button
          type="button"
          class="plain"
          disabled={!!session.running}
          onClick={() => {
            if (confirm("Forget all scans, paint and models of this page? What you have not saved is lost.")) {
              session.forgetAll();
            }
          }}
        >
          Forget everything
        </button>
      </header>
      <Notices {...state} />
      <main class={scan ? "with-scan" : ""}>
        {scan ? <Viewer {...state} scan={scan} /> : <Welcome {...state} />}
        {scan && <Panel {...state} />}
      </main>
      {isReadOnly && scan && <p class="hint small-window">To paint and segment, open this page on a larger screen.</p>}
      {isOver && <div class="over">Drop scans, labels or a model</div>}
      {help && <Help onClose={() => setHelp(false)} />}
    </>
  );
}

function Welcome({ session }: PageState) {
  return (
    <section class="welcome">
      <div class="zone">
        <h2>Drop a scan here</h2>
        <p>A NIfTI file (.nii, .nii.gz) or a folder with a DICOM series. CT or MR, one or many.</p>
        <FileButtons session={session} label="Choose files…" />
        <p class="or">or</p>
        <button type="button" class="primary" disabled={!!session.busy} onClick={() => session.tryPhantoms()}>
          Try it on a synthetic scan
        </button>
      </div>
      <ol>
        <li>
          <b>Drop a scan.</b> It is read here, in this page. Nothing is uploaded; no network is needed.
        </li>
        <li>
          <b>Paint</b> the organ on one slice with the brush.
        </li>
        <li>
          <b>Press “Segment”.</b> The model finds it on all other slices, and in further scans.
        </li>
        <li>
          <b>Correct and save</b> the mask as NIfTI or DICOM SEG, with its volume in millilitres.
        </li>
      </ol>
      <p class="fine">For research, not for diagnosis.</p>
    </section>
  );
}

function Notices({ session }: PageState) {
  return (
    <div class="notices" aria-live="polite">
      {session.busy && <p class="busy">{session.busy}…</p>}
      {session.notices.map((notice) => (
        <div class={`notice ${notice.kind}`} role={notice.kind === "error" ? "alert" : undefined}>
          <p>{notice.text}</p>
          {notice.kind === "error" && session.isLost && (
            <button
              type="button"
              onClick={() => session.restart()}
            >
              Start again
            </button>
          )}
          <button
            type="button"
            class="plain icon"
            aria-label="Close"
            onClick={() =>
              session.dismiss(notice)}
          >
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

function Help({ onClose }: { onClose: () => void }) {
  return (
    <div class="help" role="dialog" aria-label="Keys">
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <button type="button" onClick={onClose}>Close</button>
    </div>
  );
}

useScheme();
const root = document.getElementById("app")!;
root.replaceChildren(); // what stood there until this script ran
render(<App />, root);
