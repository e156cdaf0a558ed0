import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from "node:fs";
import { leaseBytes, type LeaseText } from "./lease.ts";

/** What a dedicated worker has of its global scope; the project's types are those of the main thread. */
const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<{ path: string; text: LeaseText; every: number }>) => void) | null;
};

scope.onmessage = ({ data: { path, text, every } }) => {
  // the file is opened once: what is found under its name later may be somebody else's
  let file: number;
  try {
    file = openSync(path, "r+");
  } catch {
    return; // it was taken away already
  }
  const bytes = new Uint8Array(leaseBytes(text).length);
  readSync(file, bytes, 0, bytes.length, 0);
  if ((JSON.parse(new TextDecoder().decode(bytes)) as LeaseText).id !== text.id) return closeSync(file);
  let { beat } = text;
  setInterval(() => {
    writeSync(file, leaseBytes({ ...text, beat: ++beat }), 0, bytes.length, 0);
    fdatasyncSync(file);
  }, every);
};
