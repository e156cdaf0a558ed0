/// <reference lib="dom" />
import type { PageFile } from "../protocol.ts";
import type { ScanResult, Structure } from "./scan.ts";

/** A scan as it is kept: its files as they were given. */
export interface KeptScan {
  /** Names it. */
  id: number;
  /** For people. */
  name: string;
  /** What it was read from. */
  files: PageFile[];
}

/** What a user did to a scan. */
export interface KeptWork {
  /** Of the scan. */
  id: number;
  /** Structure of every voxel. */
  labels: Uint8Array<ArrayBuffer>;
  /** Slices that show the model what to look for. */
  examples: number[];
  /** Slices that a user painted on after the model. */
  corrected: number[];
  /** Slices whose labels came from a file. */
  fileSlices: number[];
  /** What the model found. */
  result?: ScanResult;
}

/** Everything else that is kept. */
export interface KeptSession {
  /** What is painted. */
  structures: Structure[];
  /** The scan that is looked at. */
  current?: number;
  /** A model that a user gave. */
  model?: { name: string; content: Blob };
}

const NAME = "dfdt-page", VERSION = 1;

/** What a user did, kept by the browser for this page alone, on this machine alone. */
export class Keep {
  #db: IDBDatabase | undefined;

  /**
   * Opens it.
   *
   * @throws {Error} where the browser keeps nothing, as in a private window
   */
  async open(): Promise<void> {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const store of ["scans", "work"]) request.result.createObjectStore(store, { keyPath: "id" });
      request.result.createObjectStore("session");
    };
    this.#db = await settled(request);
  }

  /** Whether anything is kept at all. */
  get isOpen(): boolean {
    return this.#db !== undefined;
  }

  /** All that was kept, scans in the order in which they came. */
  async load(): Promise<{ scans: KeptScan[]; work: Map<number, KeptWork>; session?: KeptSession }> {
    if (!this.#db) return { scans: [], work: new Map() };
    const stores = this.#db.transaction(["scans", "work", "session"]);
    const [scans, work, session] = await Promise.all([
      settled(stores.objectStore("scans").getAll() as IDBRequest<KeptScan[]>),
      settled(stores.objectStore("work").getAll() as IDBRequest<KeptWork[]>),
      settled(stores.objectStore("session").get("session") as IDBRequest<KeptSession | undefined>),
    ]);
    return { scans, work: new Map(work.map((one) => [one.id, one])), session };
  }

  /** Keeps a scan. */
  async keepScan(scan: KeptScan): Promise<void> {
    await this.#put("scans", scan);
  }

  /** Keeps what was done to a scan. */
  async keepWork(work: KeptWork): Promise<void> {
    await this.#put("work", work);
  }

  /** Keeps everything else. */
  async keepSession(session: KeptSession): Promise<void> {
    await this.#put("session", session, "session");
  }

  /** Forgets a scan and what was done to it. */
  async forgetScan(id: number): Promise<void> {
    if (!this.#db) return;
    const stores = this.#db.transaction(["scans", "work"], "readwrite");
    await Promise.all(["scans", "work"].map((name) => settled(stores.objectStore(name).delete(id))));
  }

  /** Forgets everything. */
  async forgetAll(): Promise<void> {
    if (!this.#db) return;
    const names = ["scans", "work", "session"];
    const stores = this.#db.transaction(names, "readwrite");
    await Promise.all(names.map((name) => settled(stores.objectStore(name).clear())));
  }

  async #put(store: string, value: unknown, key?: string): Promise<void> {
    if (!this.#db) return;
    await settled(this.#db.transaction(store, "readwrite").objectStore(store).put(value, key));
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
