/// <reference lib="dom" />
import { relate } from "../../imaging/geometry.ts";
import { valuesOf } from "../../imaging/labelling.ts";
import type { ModelAbout, PageFile, ReadScan } from "../protocol.ts";
import type { BrushPlace, BrushStroke } from "./brush.ts";
import type { Keep } from "./keep.ts";
import { Keeping } from "./keeping.ts";
import { Teller } from "./teller.ts";
import { Painting } from "./painting.ts";
import { planeAcross } from "./planes.ts";
import { freeValue, newScan, restoreWork, useLabels, withStructures } from "./reading.ts";
import {
  countStructures,
  gridOf,
  looksLikeLabels,
  paintedSlices,
  type SessionScan,
  sliceCount,
  type Structure,
} from "./scan.ts";
import { type Choices, type Running, Segmenting } from "./segmenting.ts";
import { counted, faultInWords, labelsTaken, needsRestart, PHANTOMS_MADE } from "./words.ts";
import type { PageFault, WorkerLine } from "./worker_line.ts";

/** Everything that a user does, and what comes of it. The panel and the viewer show it whenever it changes. */
export class Session extends Teller {
  readonly scans: SessionScan[] = [];
  readonly painting = new Painting((scan) => this.#edited(scan));
  structures: Structure[] = [{ value: 1, saved: 1, name: "structure 1" }];
  active = 1;
  current: SessionScan | undefined;
  slice = 0;
  model: ModelAbout | undefined;
  /** Goes up whenever what the shots are made of may have changed. */
  edits = 0;
  choices: Choices = { largest: false, probabilities: false, from: "", to: "" };

  readonly #segmenting = new Segmenting(this);
  readonly #keeping: Keeping;
  #nextId = 1;
  #modelFile: { name: string; content: Blob } | undefined;

  constructor(
    readonly line: WorkerLine,
    readonly keep: Keep,
    /** The model in the page. */
    readonly inside: Promise<{ bytes: Uint8Array<ArrayBuffer>; name: string; sha256: string }> | undefined,
  ) {
    super();
    this.#keeping = new Keeping(
      keep,
      () => ({ structures: this.structures, current: this.current?.id, model: this.#modelFile }),
      (why) => this.tell("warning", `This browser has no room to keep your work (${why}): save it before you leave`),
    );
  }

  /** What is being segmented. */
  get running(): Running | undefined {
    return this.#segmenting.running;
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
        if (scan && work) restoreWork(scan, work);
      }
      this.select(this.scans.find(({ id }) => id === kept?.session?.current) ?? this.scans[0]);
    });
  }

  /** Starts the worker again after its device was lost. */
  async restart(): Promise<void> {
    await this.doing("Starting again", async () => {
      this.isLost = false;
      this.notices = this.notices.filter(({ kind }) => kind !== "error");
      this.#segmenting.forgetShots();
      await this.line.start();
      await this.#openModel();
    });
  }

  /** Nothing more is answered by the worker. */
  lost(fault: PageFault): void {
    this.isLost = true;
    this.#segmenting.forgetShots();
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
      this.#segmenting.forgetShots();
    } catch (error) {
      this.fail(error);
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
      const [first] = await this.#add(others);
      if (first) this.select(first);
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
    this.#keeping.soon();
    this.tell("info", `The model “${this.model!.name}” is used from now on`);
  }

  /** Reads files and keeps the scans among them. */
  async #add(files: PageFile[]): Promise<SessionScan[]> {
    const added = await this.#read(files);
    for (const { id, name, files } of added) await this.keep.keepScan({ id, name, files });
    return added;
  }

  /** Reads scans, and takes those for labels that lie on another scan's grid and hold few whole numbers. */
  async #read(files: PageFile[], id?: number): Promise<SessionScan[]> {
    const { scans, problems } = await this.line.ask("readScans", { files });
    for (const problem of problems) this.tell("error", problem);
    const isLabels = (one: ReadScan) => id === undefined && one.kind === "nifti" && looksLikeLabels(one.volume);
    const images = scans.filter((one) => !isLabels(one)), labels = scans.filter(isLabels);
    const added: SessionScan[] = [];
    const add = async (read: ReadScan) => {
      const scan = newScan(read, files, id ?? this.#nextId);
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
    const { data, warnings } = await this.line.ask("readLabels", { file, image: gridOf(scan) });
    for (const warning of warnings) this.tell("warning", warning);
    const values = [...valuesOf({ data })].filter((value) => value !== 0).sort((a, b) => a - b);
    if (values.length === 0) return this.tell("error", `“${file.path}” has no labelled voxel`);
    const isUnpainted = this.scans.every(({ counts }) => counts.size === 0);
    const structures = withStructures(isUnpainted ? [] : this.structures, values, this.model?.classes ?? []);
    if (!structures) return this.tell("error", `“${file.path}” has more than 255 structures`);
    this.structures = structures;
    useLabels(scan, data, structures);
    this.active = this.structures[0].value;
    this.painting.forget(scan);
    this.#edited(scan);
    this.select(scan);
    this.tell("info", labelsTaken(file.path, scan.name, { structures: values.length, slices: scan.examples.size }));
  }

  async #fit(scan: SessionScan): Promise<void> {
    if (!this.model) return;
    const { volume, extremes, name } = scan;
    try {
      const { sliceAxis, warnings } = await this.line.ask("fitScan", { grid: gridOf(scan), extremes, name });
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
      const [first] = await this.#add(files);
      if (this.scans.every(({ counts }) => counts.size === 0)) {
        this.structures = [{ value, saved: value, name }];
        this.active = value;
        first.labels.set(label.data);
        first.examples = new Set(paintedSlices(first));
        countStructures(first);
        this.#edited(first);
      }
      this.select(first);
      this.tell("info", PHANTOMS_MADE);
    });
  }

  /** Looks at a scan, where it was painted or in its middle. */
  select(scan: SessionScan | undefined): void {
    this.current = scan;
    if (scan) this.slice = [...scan.examples][0] ?? Math.floor(this.sliceCount / 2);
    this.#keeping.soon();
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
    this.#keeping.forget(scan);
    this.edits++;
    if (this.current === scan) this.select(this.scans[0]);
    await this.keep.forgetScan(scan.id);
    this.changed();
  }

  /** Forgets everything, in the browser too. */
  async forgetAll(): Promise<void> {
    this.#keeping.forget();
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
    const value = freeValue(this.structures);
    if (value === undefined) return;
    const saved = Math.max(0, ...this.structures.map((one) => one.saved)) + 1;
    this.structures = [...this.structures, { value, saved, name: `structure ${saved}` }];
    this.active = value;
    this.#restructured();
  }

  /** Whether a structure is painted nowhere, and not the only one. */
  canRemove(value: number): boolean {
    return this.structures.length > 1 && this.scans.every(({ counts }) => !counts.has(value));
  }

  removeStructure(value: number): void {
    this.structures = this.structures.filter((one) => one.value !== value);
    if (this.active === value) this.active = this.structures[0].value;
    this.#restructured();
  }

  renameStructure(value: number, name: string): void {
    this.structures = this.structures.map((one) => one.value === value ? { ...one, name } : one);
    this.#restructured();
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
    if (!this.canSegment) return;
    try {
      await this.#segmenting.segment([...scans]);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends a segmentation between slices. */
  cancel(): void {
    this.#segmenting.cancel();
  }

  /** A scan has a new mask. */
  segmented(scan: SessionScan): void {
    this.painting.forget(scan);
    this.#keeping.soon(scan);
    if (this.running && this.running.scan[1] > 1) this.select(scan);
  }

  #restructured(): void {
    this.edits++;
    this.#keeping.soon();
    this.changed();
  }

  /** What is painted on a scan, and counted, or what of it is an example, has changed. */
  #edited(scan: SessionScan): void {
    this.edits++;
    this.#keeping.soon(scan);
  }
}
