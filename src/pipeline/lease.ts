import { link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { UserError } from "../errors.ts";
import { processIsAlive, processStart } from "./process_start.ts";

/**
 * A lock for file systems without locks, or whose locks do not reach from machine to machine: a file that its holder changes
 * again and again. Whoever finds it unchanged for a whole lease takes it away. No clock is compared with another one, and a
 * file is only ever linked and renamed, which NFS does as a whole.
 */
export interface Lease {
  /** Whether somebody else took it away, since its holder was not heard of for too long. */
  isLost(): Promise<boolean>;
  /** Gives it back. */
  release(): Promise<void>;
}

/** What the file says. */
export interface LeaseText {
  /** Of this lease, and no other. */
  id: string;
  host: string;
  process: number;
  processStart: string;
  /** How often its holder was heard of. */
  beat: number;
}

/** Times by which leases are kept and taken away, in milliseconds. */
export interface LeaseTimes {
  /** How long a holder may be silent. */
  lease: number;
  /** Between two signs of life. */
  beat: number;
  /** Between two looks of somebody who waits. */
  look: number;
}

/** Seconds that a holder may be silent, unless `DFDT_LEASE_SECONDS` says otherwise. */
const SECONDS = 60;

/** The times that hold for this process; all processes that share a folder need the same. */
export function leaseTimes(text: string | undefined = process.env.DFDT_LEASE_SECONDS): LeaseTimes {
  const seconds = text ? Number(text) : SECONDS;
  if (!(seconds >= 0.5 && seconds <= 3600)) {
    throw new UserError("usage", `Cannot use DFDT_LEASE_SECONDS "${text}": expected a number in 0.5..3600`);
  }
  const lease = seconds * 1000;
  return { lease, beat: lease / 6, look: Math.min(1000, lease / 12) };
}

/** As long as the file is, so that a new text replaces the old one whole. */
const LENGTH = 512;

/** The file's bytes. */
export function leaseBytes(text: LeaseText): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(text).padEnd(LENGTH - 1) + "\n");
}

async function readLease(path: string): Promise<LeaseText | undefined> {
  const text = await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return { id: text, host: "unknown", process: 0, processStart: "", beat: 0 }; // of nobody who is heard of
  }
}

/**
 * Takes a lease, as soon as nobody else has it.
 *
 * @param onWait is told who has it; may throw instead of waiting
 */
export async function takeLease(path: string, onWait: (holder: string) => void, times = leaseTimes()): Promise<Lease> {
  const text: LeaseText = {
    id: crypto.randomUUID(),
    host: hostname(),
    process: process.pid,
    processStart: processStart(process.pid),
    beat: 0,
  };
  const own = `${path}.${text.id}`;
  const file = await open(own, "wx");
  await file.write(leaseBytes(text), 0, LENGTH, 0);
  await file.sync();
  await file.close();
  try {
    await waitFor(path, { own, onWait, times });
    const beats = new Beats(path, text, times.beat);
    return {
      isLost: async () => (await readLease(path))?.id !== text.id,
      async release() {
        beats.end();
        await takeAway(path, ({ id }) => id === text.id);
      },
    };
  } finally {
    await rm(own, { force: true });
  }
}

async function waitFor(
  path: string,
  { own, onWait, times }: { own: string; onWait: (holder: string) => void; times: LeaseTimes },
): Promise<void> {
  let seen = "", looks = 0, told = false;
  while (!await linked(own, path)) {
    const found = await readLease(path);
    if (!found) continue; // given back meanwhile
    if (!told) onWait(`process ${found.process} of ${found.host}`);
    told = true;
    const now = `${found.id} ${found.beat}`;
    // looks are counted, and not seconds: who slept has not looked
    looks = now === seen ? looks + 1 : 0;
    seen = now;
    const isDead = found.host === hostname() && !processIsAlive(found.process, found.processStart);
    if (isDead || looks * times.look > times.lease) {
      await takeAway(path, ({ id, beat }) => `${id} ${beat}` === now);
      looks = 0;
    } else await new Promise((resolve) => setTimeout(resolve, times.look));
  }
}

/** Makes `path` another name of a file, unless there is such a file. */
async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
    return (await stat(own)).nlink === 2; // NFS may say so although its first answer was lost
  }
}

/** Removes a lease if it is the one that is meant; another one that is found in its place is put back. */
async function takeAway(path: string, isMeant: (text: LeaseText) => boolean): Promise<void> {
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return;
    throw error;
  }
  const found = await readLease(aside);
  if (found && !isMeant(found)) await linked(aside, path);
  await rm(aside, { force: true });
}

/** Milliseconds after which signs of life begin: what is made sooner needs none. */
const SOON_MS = 1000;

/** Signs of life of a holder, from a thread of their own, since the main one may be busy. */
class Beats {
  #worker: Worker | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(path: string, text: LeaseText, every: number) {
    this.#timer = setTimeout(() => {
      this.#worker = new Worker(new URL("./lease_worker.ts", import.meta.url), { type: "module" });
      this.#worker.postMessage({ path, text, every });
    }, Math.min(SOON_MS, every / 2));
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
  }
}
