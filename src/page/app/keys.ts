/// <reference lib="dom" />
import type { Look } from "./look.ts";
import type { Session } from "./session.ts";

/** What keys do, for people. */
export const KEYS: readonly (readonly [key: string, what: string])[] = [
  ["↑ ↓, wheel", "another slice"],
  ["Page ↑ ↓", "ten slices on"],
  ["B", "brush"],
  ["E", "eraser"],
  ["V", "look: drag for brightness and contrast, click to move the other planes"],
  ["[ ]", "smaller or larger brush"],
  ["Ctrl+Z, Ctrl+Y", "undo, redo"],
  ["M", "show or hide the mask"],
  ["+ − 0, Ctrl+wheel", "larger, smaller, as at first"],
  ["Alt+drag", "move the picture"],
  ["right button, drag", "brightness and contrast"],
  ["Enter", "segment"],
  ["Esc", "stop"],
  ["?", "these keys"],
];

/** Does what a key is for; says whether anything changed. */
export function handleKey(event: KeyboardEvent, session: Session, look: Look, toggleHelp: () => void): boolean {
  const target = event.target as HTMLElement;
  const isInButton = target.closest("button, summary, label") !== null;
  const isTyping = target instanceof HTMLInputElement && !["range", "checkbox", "radio", "file"].includes(target.type);
  if (isTyping || isInButton && [" ", "Enter"].includes(event.key)) return false;
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return false;
    event.preventDefault();
    session.goBack(key === "y" || event.shiftKey ? "redo" : "undo");
    return true;
  }
  const isOnSlider = target instanceof HTMLInputElement && target.type === "range";
  const action = actions(session, look, toggleHelp)[event.key];
  if (!action || isOnSlider && /^(Arrow|Page)/.test(event.key)) return false;
  event.preventDefault();
  action();
  return true;
}

function actions(session: Session, look: Look, toggleHelp: () => void): Record<string, () => void> {
  const go = (by: number) => () => session.goTo(session.slice + by);
  return {
    ArrowUp: go(1),
    ArrowDown: go(-1),
    PageUp: go(10),
    PageDown: go(-10),
    b: () => look.tool = "brush",
    e: () => look.tool = "eraser",
    v: () => look.tool = "look",
    "[": () => look.resizeBrush(-1),
    "]": () => look.resizeBrush(1),
    m: () => look.showMask = !look.showMask,
    "+": () => look.zoomBy(1.25),
    "-": () => look.zoomBy(1 / 1.25),
    "0": () => session.current && look.reset(session.current, session.model?.windowHU),
    Enter: () => session.canSegment && session.segment(session.scans),
    Escape: () => session.running && session.cancel(),
    "?": toggleHelp,
  };
}
