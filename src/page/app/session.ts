/// <reference lib="dom" />
import { type Grid, relate } from "../../imaging/geometry.ts";
import { countClassVoxels } from "../../imaging/labelling.ts";
import type { ModelAbout, PageFile, ReadScan } from "../protocol.ts";
import { type BrushPlace, type BrushStroke, putSliceLabels, sliceLabels } from "./brush.ts";
import type { Keep } from "./keep.ts";
import { Painting } from "./painting.ts";
import { planeAcross } from "./planes.ts";
import {
  looksLikeLabels,
  paintedSlices,
  type SessionScan,
  sliceCount,
  sliceLayout,
  type Structure,
  thickAxis,
} from "./scan.ts";
import { shotsOf } from "./shots.ts";
import { counted, faultInWords, needsRestart } from "./words.ts";
import type { PageFault, WorkerLine } from "./worker_line.ts";

/** Something to tell. */
export interface Notice {
  /** How bad it is. */
  kind: "info" | "warning" | "error";
  /** In words. */
  text: string;
}

/** A segmentation under way. */
export interface Running {
  /** Name of the scan. */
  name: string;
  /** Which of how many scans. */
  scan: [number: number, of: number];
  /** Slices so far. */
  slices: [done: number, total: number];
  /** When this scan began, in ms. */
  began: number;
}

/** How long nothing is done before it is kept, in ms. */
const KEEP_AFTER = 400;

/** How a segmentation is asked for. */
export interface Choices {
  /** Keep only the largest piece of each structure. */
  largest: boolean;
  /** Keep probabilities, to be saved. */
  probabilities: boolean;
  /** First and last slice that is looked at, from 1, of the scan that is looked at. */
  from: string;
  /** Last slice. */
  to: string;
}

/** Everything that a user does, and what comes of it. The panel and the viewer show it whenever it changes. */
export class Session {
  readonly scans: SessionScan[] = [];
  readonly painting = new Painting((scan) => this.#edited(scan));
  structures: Structure[] = [{ value: 1, saved: 1, name: "structure 1" }];
  active = 1;
  current: SessionScan | undefined;
  slice = 0;
  model: ModelAbout | undefined;
  running: Running | undefined;
  /** What it is busy with, in words. */
  busy: string | undefined = "Opening";
  isLost = false;
  notices: Notice[] = [];
  choices: Choices = { largest: false, probabilities: false, from: "", to: "" };

  #listeners = new Set<() => void>();
  #nextId = 1;
  #shotsGiven: string | undefined;
  #edits = 0;
  #keepLater: ReturnType<typeof setTimeout> | undefined;
  #touched = new Set<SessionScan>();
  #modelFile: { name: string; content: Blob } | undefined;
  #isCancelled = false;

  constructor(
    readonly line: WorkerLine,
    readonly keep: Keep,
    /** The model in the page. */
    readonly inside: Promise<{ bytes: Uint8Array<ArrayBuffer>; name: string; sha256: string }> | undefined,
  ) {}

  /** Calls a function whenever something changes. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  tell(kind: Notice["kind"], text: string): void {
    if (this.notices.some((one) => one.text === text)) return;
    this.notices = [...this.notices, { kind, text }];
    this.changed();
  }

  dismiss(notice: Notice): void {
    this.notices = this.notices.filter((one) => one !== notice);
    this.changed();
  }

  /** Starts the worker, opens the model, and brings back what was kept. */
  async start(): Promise<void> {
    await this.doing("Opening", async () => {
      await this.line.start();
      const kept = await this.keep.open().then(() => this.keep.load()).catch(() => {
        this.tell("warning", "This browser keeps nothing for this page: what you do is lost when it is closed");
        return undefined;
      });
      this.#modelFile = kept?.session?.model;
      await this.#openModel();
      if (kept?.session) {
        this.structures = kept.session.structures;
        this.active = this.structures[0]?.value ?? 1;
      }
      for (const { id, files } of kept?.scans ?? []) {
        const [scan] = await this.#read(files, id);
        const work = kept!.work.get(id);
        if (!scan || !work || work.labels.length !== scan.labels.length) continue;
        Object.assign(scan, {
          labels: work.labels,
          examples: new Set(work.examples),
          corrected: new Set(work.corrected),
          fromFile: work.fromFile,
          result: work.result,
        });
        this.#count(scan);
      }
      this.select(this.scans.find(({ id }) => id === kept?.session?.current) ?? this.scans[0]);
    });
  }

  /** Starts the worker again after its device was lost. */
  async restart(): Promise<void> {
    await this.doing("Starting again", async () => {
      this.isLost = false;
      this.notices = this.notices.filter(({ kind }) => kind !== "error");
      this.#shotsGiven = undefined;
      await this.line.start();
      await this.#openModel();
    });
  }

  /** Nothing more is answered by the worker. */
  lost(fault: PageFault): void {
    this.isLost = true;
    this.running = undefined;
    this.#shotsGiven = undefined;
    this.tell("error", faultInWords(fault));
  }

  async #openModel(): Promise<void> {
    try {
      if (this.#modelFile) {
        const bytes = new Uint8Array(await this.#modelFile.content.arrayBuffer());
        this.model = await this.line.ask("openModel", { bytes, name: this.#modelFile.name });
      } else if (this.inside) {
        const { bytes, ...about } = await this.inside;
        this.model = await this.line.ask("openModel", { bytes: bytes.slice(), ...about });
      }
      this.#shotsGiven = undefined;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Takes files that were dropped or chosen: models, scans and labels. */
  async addFiles(files: PageFile[]): Promise<void> {
    await this.doing(`Reading ${counted(files.length, "file")}`, async () => {
      const isModel = ({ path }: PageFile) => /\.(safetensors|pth|pt)$/i.test(path);
      const model = files.find(isModel);
      if (model) await this.#useModel(model);
      const others = files.filter((file) => !isModel(file));
      if (others.length === 0) return;
      const before = this.scans.length;
      const added = await this.#read(others);
      for (const scan of added) await this.keep.keepScan({ id: scan.id, name: scan.name, files: scan.files });
      if (this.scans.length > before) this.select(this.scans[before]);
    });
  }

  async #useModel({ path, content }: PageFile): Promise<void> {
    const before = this.#modelFile;
    this.#modelFile = { name: path.split("/").at(-1)!, content };
    const failures = this.notices.length;
    await this.#openModel();
    if (this.notices.length > failures) { // it says why; the one before goes on
      this.#modelFile = before;
      return;
    }
    for (const scan of this.scans) await this.#fit(scan);
    this.#keepSoon();
    this.tell("info", `The model “${this.model!.name}” is used from now on`);
  }

  /** Reads scans, and takes those for labels that lie on another scan's grid and hold few whole numbers. */
  async #read(files: PageFile[], id?: number): Promise<SessionScan[]> {
    const { scans, problems } = await this.line.ask("readScans", { files });
    for (const problem of problems) this.tell("error", problem);
    const isLabels = (one: ReadScan) => id === undefined && one.kind === "nifti" && looksLikeLabels(one.volume);
    const images = scans.filter((one) => !isLabels(one)), labels = scans.filter(isLabels);
    const added: SessionScan[] = [];
    const add = async (read: ReadScan) => {
      const { name, kind, volume, written, warnings, paths } = read;
      const scan: SessionScan = {
        ...{ id: id ?? this.#nextId, name, kind, volume, written },
        files: files.filter(({ path }) => paths.includes(path)),
        plane: planeAcross(volume, thickAxis(volume)),
        labels: new Uint8Array(volume.data.length),
        examples: new Set(),
        corrected: new Set(),
        fromFile: false,
        warnings,
        counts: new Map(),
      };
      this.#nextId = Math.max(this.#nextId, scan.id) + 1;
      await this.#fit(scan);
      this.scans.push(scan);
      added.push(scan);
    };
    for (const one of images) await add(one);
    for (const one of labels) {
      const candidates = this.current ? [...added, this.current, ...this.scans] : [...added, ...this.scans];
      const image = candidates.find(({ volume }) => ["same", "turned"].includes(relate(volume, one.volume).kind));
      if (image) await this.#useLabels(image, files.find(({ path }) => path === one.paths[0])!);
      else await add(one);
    }
    return added;
  }

  async #useLabels(scan: SessionScan, file: PageFile): Promise<void> {
    const { size, spacing, affine } = scan.volume;
    const image: Grid = { size, spacing, affine };
    const { data, warnings } = await this.line.ask("readLabels", { file, image });
    for (const warning of warnings) this.tell("warning", warning);
    const values = [...countClassVoxels(data).keys()].filter((value) => value !== 0).sort((a, b) => a - b);
    if (values.length === 0) return this.tell("error", `“${file.path}” has no labelled voxel`);
    const isUnpainted = this.scans.every(({ counts }) => counts.size === 0);
    if (isUnpainted) this.structures = [];
    const numbers = new Map<number, number>();
    for (const saved of values) {
      const known = this.structures.find((one) => one.saved === saved);
      const value = known?.value ?? this.#freeValue();
      if (value === undefined) return this.tell("error", `“${file.path}” has more than 255 structures`);
      if (!known) {
        const name = this.model?.classes.find((one) => one.value === saved)?.name ?? `structure ${saved}`;
        this.structures = [...this.structures, { value, saved, name }];
      }
      numbers.set(saved, value);
    }
    scan.labels = Uint8Array.from(data as ArrayLike<number>, (value) => numbers.get(value) ?? 0);
    scan.fromFile = true;
    scan.result = undefined;
    scan.corrected = new Set();
    scan.examples = new Set(paintedSlices(scan));
    this.active = this.structures[0].value;
    this.painting.forget(scan);
    this.#edited(scan);
    this.select(scan);
    this.tell(
      "info",
      `“${file.path}” is taken for the labels of “${scan.name}”: ${counted(values.length, "structure")} on ` +
        counted(scan.examples.size, "slice"),
    );
  }

  async #fit(scan: SessionScan): Promise<void> {
    if (!this.model) return;
    const { volume, name } = scan;
    try {
      const { sliceAxis, warnings } = await this.line.ask("fitScan", { volume, name });
      scan.plane = planeAcross(volume, sliceAxis);
      scan.warnings = [...new Set([...scan.warnings, ...warnings])];
    } catch (error) {
      if (needsRestart(error)) throw error;
      scan.warnings = [...new Set([...scan.warnings, faultInWords(error)])];
    }
  }

  /** Synthetic scans to try the page on, one slice painted. */
  async tryPhantoms(): Promise<void> {
    await this.doing("Making two synthetic scans", async () => {
      const { files, label, value, name } = await this.line.ask("makePhantoms", {});
      const before = this.scans.length;
      const added = await this.#read(files);
      for (const scan of added) await this.keep.keepScan({ id: scan.id, name: scan.name, files: scan.files });
      const [first] = added;
      if (this.scans.slice(0, before).every(({ counts }) => counts.size === 0)) {
        this.structures = [{ value, saved: value, name }];
        this.active = value;
        first.labels.set(label.data);
        first.examples = new Set(paintedSlices(first));
        this.#edited(first);
      }
      this.select(first);
      this.tell(
        "info",
        "Two synthetic patients that the model has never seen. On one slice of the first the liver is painted already: " +
          "press “Segment”, or erase it and paint something else",
      );
    });
  }

  /** Looks at a scan, where it was painted or in its middle. */
  select(scan: SessionScan | undefined): void {
    this.current = scan;
    if (scan) {
      const painted = [...scan.examples][0];
      this.slice = painted ?? Math.floor(this.sliceCount / 2);
    }
    this.#keepSoon();
    this.changed();
  }

  /** Slices of the scan that is looked at. */
  get sliceCount(): number {
    return this.current ? sliceCount(this.current) : 0;
  }

  goTo(slice: number): void {
    this.slice = Math.min(Math.max(slice, 0), this.sliceCount - 1);
    this.changed();
  }

  /** Removes a scan, and what was done to it. */
  async remove(scan: SessionScan): Promise<void> {
    this.scans.splice(this.scans.indexOf(scan), 1);
    this.painting.forget(scan);
    this.#edits++;
    if (this.current === scan) this.select(this.scans[0]);
    await this.keep.forgetScan(scan.id);
    this.changed();
  }

  /** Forgets everything, in the browser too. */
  async forgetAll(): Promise<void> {
    clearTimeout(this.#keepLater);
    this.#touched.clear();
    this.scans.length = 0;
    this.structures = [{ value: 1, saved: 1, name: "structure 1" }];
    this.active = 1;
    this.current = undefined;
    this.painting.forget();
    this.notices = [];
    const hadModel = this.#modelFile !== undefined;
    this.#modelFile = undefined;
    await this.keep.forgetAll();
    if (hadModel) await this.doing("Opening", () => this.#openModel());
    this.tell("info", "Everything is forgotten: nothing of it is left in this browser");
  }

  /** Paints another structure from now on. */
  activate(value: number): void {
    this.active = value;
    this.changed();
  }

  /** Segments in another way from now on. */
  choose(choices: Partial<Choices>): void {
    this.choices = { ...this.choices, ...choices };
    this.changed();
  }

  /** Whether there is all that a segmentation needs. */
  get canSegment(): boolean {
    return this.examples.length > 0 && !!this.model && !this.isLost && !this.busy && !this.running;
  }

  addStructure(): void {
    const value = this.#freeValue();
    if (value === undefined) return;
    const saved = Math.max(0, ...this.structures.map((one) => one.saved)) + 1;
    this.structures = [...this.structures, { value, saved, name: `structure ${saved}` }];
    this.active = value;
    this.#edits++;
    this.#keepSoon();
    this.changed();
  }

  renameStructure(value: number, name: string): void {
    this.structures = this.structures.map((one) => one.value === value ? { ...one, name } : one);
    this.#edits++;
    this.#keepSoon();
    this.changed();
  }

  #freeValue(): number | undefined {
    for (let value = 1; value < 256; value++) if (!this.structures.some((one) => one.value === value)) return value;
    return undefined;
  }

  /** Begins a stroke on the slice that is looked at. */
  beginStroke(): void {
    if (this.current && !this.running) this.painting.begin(this.current, this.slice);
  }

  /** Goes on with it. */
  stroke(places: readonly [BrushPlace, BrushPlace], brush: BrushStroke): void {
    this.painting.stroke(places, brush);
    this.changed();
  }

  /** Ends it. */
  endStroke(): void {
    this.painting.end();
    this.changed();
  }

  /** Erases everything on the slice that is looked at. */
  clearSlice(): void {
    if (!this.current || this.running) return;
    this.painting.clear(this.current, this.slice);
    this.changed();
  }

  /** Undoes the last step, or does it again, and looks at it. */
  goBack(way: "undo" | "redo"): void {
    const place = this.running ? undefined : this.painting[way]();
    if (!place) return;
    this.current = place.scan;
    this.slice = place.slice;
    this.changed();
  }

  /** Makes a slice that was painted or corrected an example, from which the model learns what to look for. */
  useAsExample(scan: SessionScan, slice: number): void {
    scan.examples.add(slice);
    scan.corrected.delete(slice);
    scan.fromFile = false;
    this.#edited(scan);
    this.changed();
  }

  /** Makes an example an ordinary slice again. */
  dropExample(scan: SessionScan, slice: number): void {
    scan.examples.delete(slice);
    scan.corrected.add(slice);
    this.#edited(scan);
    this.changed();
  }

  /** Examples of all scans. */
  get examples(): { scan: SessionScan; slice: number }[] {
    return this.scans.flatMap((scan) => [...scan.examples].sort((a, b) => a - b).map((slice) => ({ scan, slice })));
  }

  /** Segments some scans, one after the other. */
  async segment(scans: readonly SessionScan[]): Promise<void> {
    if (this.running || !this.model) return;
    this.#isCancelled = false;
    try {
      await this.#giveShots();
      for (const [i, scan] of scans.entries()) {
        if (this.#isCancelled) break;
        await this.#segmentOne(scan, [i + 1, scans.length]);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.running = undefined;
      this.changed();
    }
  }

  /** Ends a segmentation between slices. */
  cancel(): void {
    this.#isCancelled = true;
    this.line.ask("cancel", {}).catch(() => {});
  }

  async #giveShots(): Promise<void> {
    const key = `${this.#edits} ${this.model!.sha256}`;
    if (this.#shotsGiven === key) return;
    const { shots, classes } = shotsOf(this.scans, this.structures);
    const { missing } = await this.line.ask("useShots", { shots, classes });
    for (const text of missing) this.tell("warning", text);
    this.#shotsGiven = key;
  }

  async #segmentOne(scan: SessionScan, place: [number, number]): Promise<void> {
    const { largest, probabilities } = this.choices;
    const began = performance.now();
    const axis = scan.plane.axis;
    const slices = scan === this.current ? this.#chosenSlices(scan.volume.size[axis]) : undefined;
    this.running = { name: scan.name, scan: place, slices: [0, scan.volume.size[axis]], began };
    this.changed();
    const { volume: query, name } = scan;
    const found = await this.line.ask("segment", { query, name, slices, largest, probabilities }, {
      onProgress: (done, total) => {
        if (this.running) this.running = { ...this.running, slices: [done, total] };
        this.changed();
      },
    });
    const kept = new Set([...scan.examples, ...scan.corrected]);
    for (let slice = 0; slice < query.size[axis]; slice++) {
      if (kept.has(slice)) continue;
      const layout = sliceLayout(scan, slice);
      putSliceLabels(scan.labels, layout, sliceLabels(found.mask.data as Uint8Array, layout));
    }
    scan.probabilities = found.probabilities.length > 0 ? found.probabilities : undefined;
    scan.result = {
      outside: found.outside,
      seconds: (performance.now() - began) / 1000,
      slices: this.running?.slices[1] ?? 0,
      model: this.model!.sha256,
    };
    this.painting.forget(scan);
    this.#count(scan);
    this.#touched.add(scan);
    this.#keepSoon();
    if (place[1] === 1) this.changed();
    else this.select(scan);
    if (found.classes.every(({ voxels }) => voxels === 0)) {
      this.tell(
        "warning",
        `Nothing was found in “${name}”. Paint the structure on another slice as well, and press again`,
      );
    }
  }

  #chosenSlices(count: number): [number, number] | undefined {
    const { from, to } = this.choices;
    if (from === "" && to === "") return undefined;
    const first = Math.max(Number(from || 1), 1), last = Math.min(Number(to || count), count);
    return first <= last ? [first - 1, last] : undefined;
  }

  #edited(scan: SessionScan): void {
    this.#edits++;
    this.#count(scan);
    this.#touched.add(scan);
    this.#keepSoon();
  }

  #count(scan: SessionScan): void {
    scan.counts = countClassVoxels(scan.labels);
    scan.counts.delete(0);
  }

  #keepSoon(): void {
    clearTimeout(this.#keepLater);
    this.#keepLater = setTimeout(() => this.#keepNow(), KEEP_AFTER);
  }

  async #keepNow(): Promise<void> {
    if (!this.keep.isOpen) return;
    try {
      for (const scan of this.#touched) {
        const { id, labels, fromFile, result } = scan;
        const slices = { examples: [...scan.examples], corrected: [...scan.corrected] };
        if (this.scans.includes(scan)) await this.keep.keepWork({ id, labels, fromFile, result, ...slices });
      }
      this.#touched.clear();
      await this.keep.keepSession({
        structures: this.structures,
        current: this.current?.id,
        model: this.#modelFile,
      });
    } catch (error) {
      this.tell(
        "warning",
        `This browser has no room to keep your work (${(error as Error).message}): save it before you leave`,
      );
    }
  }

  /** Does something that takes a while, and tells why where it cannot be done. */
  async doing<T>(what: string, body: () => Promise<T>): Promise<T | undefined> {
    this.busy = what;
    this.changed();
    try {
      return await body();
    } catch (error) {
      this.#fail(error);
      return undefined;
    } finally {
      this.busy = undefined;
      this.changed();
    }
  }

  #fail(error: unknown): void {
    if (needsRestart(error)) this.isLost = true;
    const isCancelled = (error as PageFault).kind === "cancelled";
    this.tell(isCancelled ? "info" : "error", faultInWords(error));
  }
}
