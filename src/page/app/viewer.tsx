/// <reference lib="dom" />
import { useEffect, useRef, useState } from "preact/hooks";
import type { BrushPlace } from "./brush.ts";
import { BRUSH_SIZES, type Look, type Tool } from "./look.ts";
import { planeAcross, voxelAt } from "./planes.ts";
import type { SessionScan } from "./scan.ts";
import type { Session } from "./session.ts";
import { type Shown, SliceView } from "./slice_view.ts";
import { TypedInput } from "./typed_input.tsx";

/** What parts of the page share. */
export interface PageState {
  session: Session;
  look: Look;
  /** Whether the window is too small to paint in. */
  isReadOnly: boolean;
  /** Draws everything again. */
  refresh(): void;
}

const TOOLS: readonly [tool: Tool, name: string, key: string, about: string][] = [
  ["look", "Look", "V", "drag: brightness and contrast; click: where the other planes are"],
  ["brush", "Brush", "B", "paint the structure"],
  ["eraser", "Eraser", "E", "take paint away"],
];

/** A scan in three planes; on the large one it is painted. */
export function Viewer({ scan, ...state }: PageState & { scan: SessionScan }) {
  const { session, isReadOnly } = state;
  const others = ([0, 1, 2] as const).filter((axis) => axis !== scan.plane.axis);
  return (
    <section class="viewer" aria-label="Viewer">
      {!isReadOnly && <Toolbar {...state} scan={scan} />}
      <div class="planes">
        <MainPlane {...state} scan={scan} />
        <div class="side">
          {others.map((axis) => <SidePlane key={`${scan.id} ${axis}`} {...state} scan={scan} axis={axis} />)}
        </div>
      </div>
      <div class="slices">
        <label for="slice">Slice</label>
        <input
          id="slice"
          type="range"
          min={1}
          max={session.sliceCount}
          value={session.slice + 1}
          onInput={(event) => session.goTo(Number(event.currentTarget.value) - 1)}
        />
        <output for="slice">{session.slice + 1} of {session.sliceCount}</output>
        <Marks scan={scan} session={session} />
      </div>
    </section>
  );
}

/** Where examples and corrections are, under the slider. */
function Marks({ scan, session }: { scan: SessionScan; session: Session }) {
  const last = Math.max(session.sliceCount - 1, 1);
  const mark = (slice: number, kind: string) => (
    <i class={kind} key={`${kind}${slice}`} style={{ left: `${100 * slice / last}%` }} />
  );
  return (
    <div class="marks" aria-hidden="true">
      {[...scan.corrected].map((slice) => mark(slice, "corrected"))}
      {[...scan.examples].map((slice) => mark(slice, "example"))}
    </div>
  );
}

function Toolbar({ session, look, refresh, scan }: PageState & { scan: SessionScan }) {
  const set = (change: () => void) => () => {
    change();
    refresh();
  };
  const number = (end: 0 | 1) => (text: string) => {
    const value = Number(text);
    if (text !== "" && Number.isFinite(value)) look.window[end] = value;
    refresh();
  };
  const round = (value: number) => Number(value.toPrecision(4));
  return (
    <div class="toolbar" role="toolbar" aria-label="Tools">
      <div class="group">
        {TOOLS.map(([tool, name, key, about]) => (
          <button
            type="button"
            aria-pressed={look.tool === tool}
            title={`${name} (${key}): ${about}`}
            onClick={set(() => look.tool = tool)}
          >
            {name}
          </button>
        ))}
      </div>
      <div class="group">
        <button
          type="button"
          aria-label="Smaller brush"
          title="Smaller brush ([)"
          onClick={set(() => look.resizeBrush(-1))}
        >
          −
        </button>
        <span class="size" title="Width of the brush">{2 * BRUSH_SIZES[look.brush]} mm</span>
        <button
          type="button"
          aria-label="Larger brush"
          title="Larger brush (])"
          onClick={set(() => look.resizeBrush(1))}
        >
          +
        </button>
      </div>
      <div class="group">
        <button
          type="button"
          title="Undo (Ctrl+Z)"
          disabled={!session.painting.canUndo || !!session.running}
          onClick={() => session.goBack("undo")}
        >
          Undo
        </button>
        <button
          type="button"
          title="Redo (Ctrl+Y)"
          disabled={!session.painting.canRedo || !!session.running}
          onClick={() => session.goBack("redo")}
        >
          Redo
        </button>
        <button type="button" title="Erase everything on this slice" onClick={() => session.clearSlice()}>
          Clear slice
        </button>
      </div>
      <div class="group end">
        <button
          type="button"
          aria-pressed={look.showMask}
          title="Show or hide the paint (M)"
          onClick={set(() => look.showMask = !look.showMask)}
        >
          Mask
        </button>
        <label title="This intensity is black">
          black <TypedInput type="number" step="any" value={round(look.window[0])} onTyped={number(0)} />
        </label>
        <label title="This intensity is white">
          white <TypedInput type="number" step="any" value={round(look.window[1])} onTyped={number(1)} />
        </label>
        <button
          type="button"
          title="Brightness, contrast and size as at first (0)"
          onClick={set(() => look.reset(scan, session.model?.windowHU))}
        >
          Reset
        </button>
      </div>
    </div>
  );
}

interface Drag {
  kind: "paint" | "window" | "pan" | "scroll";
  place: BrushPlace;
  x: number;
  y: number;
  moved: boolean;
}

/** The plane of the slices. */
function MainPlane({ session, look, isReadOnly, refresh, scan }: PageState & { scan: SessionScan }) {
  const canvas = useRef<HTMLCanvasElement>(null),
    view = useRef<SliceView | undefined>(undefined),
    drag = useRef<Drag | undefined>(undefined);
  const shown: Shown = { scan, plane: scan.plane, slice: session.slice, isMain: true };
  const latest = useRef(shown);
  latest.current = shown;
  const draw = () => view.current?.draw(latest.current, look);
  useDrawing(canvas, view, draw);
  const place = (event: PointerEvent) => view.current!.placeAt(latest.current, look, event.offsetX, event.offsetY);
  const paint = (from: BrushPlace, to: BrushPlace) => {
    const { spacing } = scan.volume, { across, down } = scan.plane;
    session.stroke([from, to], {
      radiusMm: look.radiusMm,
      pixelMm: [spacing[across.axis], spacing[down.axis]],
      value: look.tool === "eraser" ? 0 : session.active,
    });
  };
  const kindOf = (event: PointerEvent): Drag["kind"] => {
    if (isReadOnly) return "scroll";
    if (event.button === 1 || event.altKey) return "pan";
    if (event.button === 2 || look.tool === "look") return "window";
    return "paint";
  };
  const onDown = (event: PointerEvent) => {
    if (drag.current) return;
    canvas.current!.setPointerCapture(event.pointerId);
    const at = place(event);
    drag.current = { kind: kindOf(event), place: at, x: event.clientX, y: event.clientY, moved: false };
    if (drag.current.kind !== "paint") return;
    look.showMask = true;
    session.beginStroke();
    paint(at, at);
  };
  const onMove = (event: PointerEvent) => {
    const at = place(event), now = drag.current;
    view.current!.pointAt(isReadOnly ? undefined : at);
    if (!now) return draw();
    const dx = event.clientX - now.x, dy = event.clientY - now.y;
    if (now.kind === "scroll") {
      const steps = Math.trunc(dy / 8);
      if (steps === 0) return;
      session.goTo(session.slice + steps);
      now.y += steps * 8;
      return;
    }
    now.moved ||= Math.abs(dx) + Math.abs(dy) > 2;
    if (now.kind === "paint") paint(now.place, at);
    else if (now.kind === "pan") look.pan = [look.pan[0] + dx, look.pan[1] + dy];
    else if (now.moved) look.moveWindow(-dy / 300, dx / 300);
    Object.assign(now, { place: at, x: event.clientX, y: event.clientY });
    refresh();
  };
  const onUp = (event: PointerEvent) => {
    const now = drag.current;
    drag.current = undefined;
    if (now?.kind === "paint") session.endStroke();
    else if (now?.kind === "window" && !now.moved) {
      const { column, row } = place(event), { size } = scan.volume;
      const inside = (value: number, axis: 0 | 1 | 2) => Math.min(Math.max(Math.floor(value), 0), size[axis] - 1);
      look.cross = voxelAt(scan.plane, size, {
        column: inside(column, scan.plane.across.axis),
        row: inside(row, scan.plane.down.axis),
        slice: session.slice,
      });
    }
    refresh();
  };
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    if (event.ctrlKey) {
      const { clientWidth, clientHeight } = canvas.current!;
      look.zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15, [
        event.offsetX - clientWidth / 2,
        event.offsetY - clientHeight / 2,
      ]);
      refresh();
    } else session.goTo(session.slice + (event.deltaY > 0 ? 1 : -1));
  };
  const isExample = scan.examples.has(session.slice), isCorrected = scan.corrected.has(session.slice);
  return (
    <figure class="main">
      <canvas
        ref={canvas}
        class={`tool-${look.tool}`}
        tabIndex={0}
        role="img"
        aria-label={`${scan.name}, ${scan.plane.name} slice ${session.slice + 1} of ${session.sliceCount}`}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onUp}
        onPointerLeave={() => {
          view.current?.pointAt(undefined);
          draw();
        }}
        onWheel={onWheel}
        onContextMenu={(event) => event.preventDefault()}
      />
      <figcaption>
        {scan.name} · {scan.plane.name}
        {isExample && <b class="tag example">example</b>}
        {isCorrected && <b class="tag corrected">corrected by hand</b>}
      </figcaption>
    </figure>
  );
}

/** Another plane through the scan: it shows where the slice lies, and takes one there. */
function SidePlane({ session, look, refresh, scan, axis }: PageState & { scan: SessionScan; axis: 0 | 1 | 2 }) {
  const canvas = useRef<HTMLCanvasElement>(null), view = useRef<SliceView | undefined>(undefined);
  const plane = planeAcross(scan.volume, axis);
  look.cross[scan.plane.axis] = session.slice;
  const shown: Shown = { scan, plane, slice: look.cross[axis], isMain: false };
  const latest = useRef(shown);
  latest.current = shown;
  useDrawing(canvas, view, () => view.current?.draw(latest.current, look));
  const go = (event: PointerEvent) => {
    if (event.buttons === 0) return;
    const { column, row } = view.current!.placeAt(latest.current, look, event.offsetX, event.offsetY);
    const { size } = scan.volume, { across, down } = plane;
    const [value, { axis: along, reversed }] = across.axis === scan.plane.axis ? [column, across] : [row, down];
    const index = Math.min(Math.max(Math.floor(value), 0), size[along] - 1);
    session.goTo(reversed ? size[along] - 1 - index : index);
  };
  return (
    <figure>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${plane.name} plane`}
        onPointerDown={go}
        onPointerMove={go}
        onWheel={(event) => {
          event.preventDefault();
          const moved = look.cross[axis] + (event.deltaY > 0 ? 1 : -1);
          look.cross[axis] = Math.min(Math.max(moved, 0), scan.volume.size[axis] - 1);
          refresh();
        }}
      />
      <figcaption>{plane.name}</figcaption>
    </figure>
  );
}

/** Draws whenever anything changed, and when the canvas gets another size. */
function useDrawing(
  canvas: { current: HTMLCanvasElement | null },
  view: { current: SliceView | undefined },
  draw: () => void,
): void {
  const latest = useRef(draw);
  latest.current = draw;
  const [, redraw] = useState(0);
  useEffect(() => {
    view.current = new SliceView(canvas.current!);
    const observer = new ResizeObserver(() => latest.current());
    observer.observe(canvas.current!);
    redraw((count) => count + 1);
    return () => observer.disconnect();
  }, []);
  useEffect(() => latest.current());
}
