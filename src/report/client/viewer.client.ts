/// <reference lib="dom" />
// The viewer: volume, truth and prediction of a case in three planes, by NiiVue. Everything lies in the page: the library and
// the volumes are unpacked when the first case is opened.

interface PackedVolume {
  header: string;
  size: [number, number, number];
}

interface ViewedCase {
  key: string;
  id: string;
  part: string;
  dice: number | null;
  slices: number;
  worst: number;
  sliceAxis: number;
  /** Whether the patient's right is on the left; of a picture without a patient it is not. */
  radiological: boolean;
  rows: { name: string; position: number; dice: number | null | undefined; worst: number; predictedMl: number }[];
  viewer?: {
    image: PackedVolume;
    predicted: PackedVolume;
    truth?: PackedVolume;
    origin: [number, number, number];
    coarseness: number;
    wide: boolean;
  };
}

/** What we use of NiiVue 0.69.0. */
interface NvImage {
  img: Uint8Array;
  mm2vox(mm: ArrayLike<number>, fractional?: boolean): ArrayLike<number>;
}
interface Nv {
  volumes: NvImage[];
  scene: { crosshairPos: ArrayLike<number> };
  opts: Record<string, unknown>;
  onLocationChange: (location: { mm: ArrayLike<number> }) => void;
  attachToCanvas(canvas: HTMLCanvasElement): Promise<unknown>;
  addColormap(name: string, map: Record<string, number[]>): void;
  addVolume(image: NvImage): void;
  removeVolumeByIndex(index: number): void;
  setOpacity(index: number, opacity: number): void;
  setRadiologicalConvention(isRadiological: boolean): void;
  setCustomLayout(layout: { sliceType: number; position: number[] }[]): void;
  updateGLVolume(): void;
  drawScene(): void;
  resizeListener(): void;
  createOnLocationChange(): void;
  moveCrosshairInVox(x: number, y: number, z: number): void;
  vox2frac(vox: number[], volume?: number): ArrayLike<number>;
}
declare const niivue: {
  Niivue: new (options: Record<string, unknown>) => Nv;
  NVImage: { loadFromUrl(options: Record<string, unknown>): Promise<NvImage> };
  SLICE_TYPE: Record<string, number>;
};

const cases: ViewedCase[] = JSON.parse(document.getElementById("page-data")!.textContent!).cases;
const dialog = document.querySelector<HTMLDialogElement>("#viewer");
const get = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

async function unpacked(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytesOf(document.getElementById(id)!.textContent!)]);
  return new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

/** Undoes the residuals that the page's maker left of an image. */
function fromResiduals(data: Uint8Array, width: number): void {
  for (let i = 0; i < data.length; i++) {
    const hasLeft = i % width > 0, hasAbove = i >= width;
    const left = hasLeft ? data[i - 1] : 0, above = hasAbove ? data[i - width] : 0;
    const corner = hasLeft && hasAbove ? data[i - width - 1] : 0;
    const low = left < above ? left : above, high = left < above ? above : left;
    data[i] += corner >= high ? low : corner <= low ? high : left + above - corner;
  }
}

/** A whole NIfTI file of 8 bits. */
function niftiOf(header: string, voxels: Uint8Array): ArrayBuffer {
  const file = new Uint8Array(352 + voxels.length);
  file.set(bytesOf(header));
  const view = new DataView(file.buffer);
  view.setInt16(70, 2, true); // datatype: uint8
  view.setInt16(72, 8, true);
  file.set(voxels, 352);
  return file.buffer;
}

/** A case whose volumes are unpacked. */
interface LoadedCase {
  of: ViewedCase;
  /** Positions of classes. */
  truth?: ArrayLike<number>;
  predicted: ArrayLike<number>;
  size: [number, number, number];
}

let viewer: Nv | undefined;
let shown: LoadedCase | undefined;
let current: ViewedCase | undefined;
/** Position of the class that is shown; 0 for all. */
let position = 0;
/** Counts what was asked for, so that what comes too late is not shown. */
let asked = 0;
/** What is being loaded: one case after the other. */
let loading: Promise<void> = Promise.resolve();

const COLOURS = { truth: [53, 208, 255], predicted: [255, 154, 31] };

/** Unpacks and starts NiiVue; throws where the browser has no WebGL 2. */
async function start(): Promise<Nv> {
  if (viewer) return viewer;
  if (!document.createElement("canvas").getContext("webgl2")) {
    throw new Error("this browser shows no volumes: it has no WebGL 2");
  }
  const script = document.createElement("script");
  script.textContent = new TextDecoder().decode(await unpacked("niivue"));
  document.head.append(script);
  const nv = new niivue.Niivue({
    isResizeCanvas: true,
    sagittalNoseLeft: true,
    backColor: [0, 0, 0, 1],
    crosshairColor: [0.75, 0.75, 0.75, 1],
    crosshairWidth: 0.2,
    show3Dcrosshair: true,
    isColorbar: false,
    isNearestInterpolation: true,
    dragAndDropEnabled: false,
    logLevel: "silent",
  });
  await nv.attachToCanvas(get<HTMLCanvasElement>("viewer-canvas"));
  for (const [name, [red, green, blue]] of Object.entries(COLOURS)) {
    nv.addColormap(name, { R: [0, red], G: [0, green], B: [0, blue], A: [0, 255], I: [0, 255] });
  }
  nv.onLocationChange = ({ mm }) => tell(mm);
  return viewer = nv;
}

async function load(of: ViewedCase): Promise<void> {
  const { key, viewer: packed } = of;
  const nv = await start();
  const image = await unpacked(`${key}-image`);
  fromResiduals(image, packed!.image.size[0]);
  const labels = async (kind: string) => {
    const bytes = await unpacked(`${key}-${kind}`);
    return packed!.wide ? new Uint16Array(bytes.buffer) : bytes;
  };
  const predicted = await labels("predicted"), truth = packed!.truth && await labels("truth");
  nv.setRadiologicalConvention(of.radiological);
  while (nv.volumes.length > 0) nv.removeVolumeByIndex(0);
  const add = async (name: string, buffer: ArrayBuffer, options: Record<string, unknown>) => {
    nv.addVolume(await niivue.NVImage.loadFromUrl({ url: buffer, name: `${name}.nii`, ...options }));
  };
  await add("image", niftiOf(packed!.image.header, image), { colormap: "gray", cal_min: 0, cal_max: 255 });
  for (const kind of ["truth", "predicted"] as const) {
    const empty = new Uint8Array(predicted.length);
    empty[0] = 1; // a volume of one value has no range
    await add(kind, niftiOf(packed!.predicted.header, empty), { colormap: kind, cal_min: 0.5, cal_max: 1 });
  }
  shown = { of, predicted, truth, size: packed!.predicted.size };
}

/** The plane of the slices large, the two others beside it, or below it where the window is high; of one slice its plane alone. */
function arrange(): void {
  const { SAGITTAL, CORONAL, AXIAL } = niivue.SLICE_TYPE;
  const planes = [SAGITTAL, CORONAL, AXIAL]; // by the axis that they stand on
  const [own] = planes.splice(current!.sliceAxis, 1);
  const { clientWidth, clientHeight } = get("viewer-stage");
  const isWide = clientWidth > clientHeight;
  const others = planes.map((sliceType, i) => ({
    sliceType,
    position: isWide ? [0.62, 0.5 * i, 0.38, 0.5] : [0.5 * i, 0.62, 0.5, 0.38],
  }));
  viewer!.setCustomLayout(
    current!.slices === 1
      ? [{ sliceType: own, position: [0, 0, 1, 1] }]
      : [{ sliceType: own, position: isWide ? [0, 0, 0.62, 1] : [0, 0, 1, 0.62] }, ...others],
  );
}

/** Puts the masks of the chosen class onto the volume. */
function paint(): void {
  if (!viewer || !shown) return;
  const { predicted, truth } = shown;
  const checked = (id: string) => get<HTMLInputElement>(id).checked;
  const outlined = checked("viewer-outline");
  const [nx, ny] = shown.size;
  const draw = (mask: Uint8Array, labels: ArrayLike<number> | undefined, isOn: boolean) => {
    for (let i = 0; i < mask.length; i++) {
      const label = isOn && labels ? labels[i] : 0;
      mask[i] = Number(position === 0 ? label > 0 : label === position);
      if (!outlined || mask[i] === 0) continue;
      // inside of an outline on its slice are voxels whose four neighbours are of the class
      const x = i % nx, y = Math.floor(i / nx) % ny;
      if (
        x > 0 && x < nx - 1 && y > 0 && y < ny - 1 && labels![i - 1] === label && labels![i + 1] === label &&
        labels![i - nx] === label && labels![i + nx] === label
      ) mask[i] = 0;
    }
  };
  draw(viewer.volumes[1].img, truth, checked("viewer-truth"));
  draw(viewer.volumes[2].img, predicted, checked("viewer-predicted"));
  const opacity = Number(get<HTMLInputElement>("viewer-opacity").value) / 100;
  viewer.setOpacity(1, opacity);
  viewer.setOpacity(2, opacity);
  viewer.updateGLVolume();
  tell();
}

/** Moves to a slice of the whole volume, to the middle of what is wrong on it. */
function goTo(slice: number): void {
  if (!viewer || !shown) return;
  const { size: [nx, ny, nz], predicted, truth, of } = shown;
  const z = Math.max(0, Math.min(nz - 1, slice - of.viewer!.origin[2]));
  let wrong = [0, 0, 0], any = [0, 0, 0];
  for (let y = 0, i = z * nx * ny; y < ny; y++) {
    for (let x = 0; x < nx; x++, i++) {
      const isIn = (labels: ArrayLike<number> | undefined) =>
        labels !== undefined && (position === 0 ? labels[i] > 0 : labels[i] === position);
      const isTrue = isIn(truth), isPredicted = isIn(predicted);
      if (isTrue || isPredicted) any = [any[0] + x, any[1] + y, any[2] + 1];
      if (truth && (position === 0 ? truth[i] !== predicted[i] : isTrue !== isPredicted)) {
        wrong = [wrong[0] + x, wrong[1] + y, wrong[2] + 1];
      }
    }
  }
  const [sumX, sumY, count] = wrong[2] > 0 ? wrong : any;
  const place = count > 0 ? [Math.round(sumX / count), Math.round(sumY / count)] : [nx >> 1, ny >> 1];
  viewer.scene.crosshairPos = viewer.vox2frac([...place, z], 1);
  viewer.createOnLocationChange();
  viewer.drawScene();
}

/** Says which slice is shown, and how well the class does there. */
function tell(mm?: ArrayLike<number>): void {
  if (!shown || !viewer) return;
  if (mm) lastPlace = mm;
  if (!lastPlace) return;
  const { of, size: [nx, ny, nz], predicted, truth } = shown;
  const z = Math.max(0, Math.min(nz - 1, Math.round(viewer.volumes[1].mm2vox(lastPlace, true)[2])));
  let both = 0, all = 0;
  for (let i = z * nx * ny; i < (z + 1) * nx * ny; i++) {
    const isIn = (labels: ArrayLike<number>) => position === 0 ? labels[i] > 0 : labels[i] === position;
    const isPredicted = isIn(predicted), isTrue = truth !== undefined && isIn(truth);
    all += Number(isPredicted) + Number(isTrue);
    if (isPredicted && isTrue && (position > 0 || truth![i] === predicted[i])) both += 2;
  }
  const name = position === 0 ? "all classes" : of.rows.find((row) => row.position === position)!.name;
  const score = !truth
    ? ""
    : all === 0
    ? `; ${name}: nothing here`
    : `; ${name}: Dice ${(100 * both / all).toFixed(2)} % here`;
  const coarse = of.viewer!.coarseness === 2 ? "; image at half the resolution" : "";
  state(`slice ${z + of.viewer!.origin[2]} (0 to ${of.slices - 1})${score}${coarse}`);
}
let lastPlace: ArrayLike<number> | undefined;

function state(text: string): void {
  get("viewer-state").textContent = text;
}

/** Opens a case at a slice, with one class or all. */
async function open(key: string, { slice, only = 0 }: { slice?: number; only?: number } = {}): Promise<void> {
  const number = ++asked;
  const of = cases.find((one) => one.key === key)!;
  current = of;
  position = only;
  get("viewer-title").textContent = `Case ${of.id}${of.part ? `, ${of.part}` : ""}` +
    (of.dice === null ? "" : `: Dice ${(100 * of.dice).toFixed(2)} %`);
  fillControls(of);
  document.dispatchEvent(new CustomEvent("dfdt-case", { detail: key }));
  if (!dialog!.open) dialog!.showModal();
  const wanted = slice ?? of.worst;
  get("viewer-stage").hidden = !of.viewer;
  get("viewer-picture").hidden = Boolean(of.viewer);
  if (!of.viewer) return showPicture(of, "the page has no room for the volume of this case");
  try {
    if (shown?.of !== of) state("unpacking …");
    await (loading = loading.catch(() => {}).then(async () => {
      if (number === asked && shown?.of !== of) await load(of);
    }));
    if (number !== asked) return;
    viewer!.resizeListener();
    arrange();
    paint();
    goTo(wanted);
  } catch (error) {
    if (number !== asked) return;
    get("viewer-stage").hidden = true;
    get("viewer-picture").hidden = false;
    showPicture(of, (error as Error).message);
  }
}

function showPicture(of: ViewedCase, why: string): void {
  const picture = document.querySelector(`.card[data-case="${of.key}"] .picture`)!.cloneNode(true);
  get("viewer-picture").replaceChildren(picture);
  state(`slice ${of.worst} (0 to ${of.slices - 1}); ${why}`);
}

function fillControls({ rows, viewer: packed }: ViewedCase): void {
  const choice = get<HTMLSelectElement>("viewer-class");
  choice.replaceChildren(
    new Option("all", "0"),
    ...rows.map(({ name, position }) => new Option(name, String(position))),
  );
  choice.value = String(position);
  get<HTMLInputElement>("viewer-truth").disabled = !packed?.truth;
  get("viewer-truth").parentElement!.hidden = rows.every(({ dice }) => dice === undefined);
  const list = [...rows].sort((a, b) => (a.dice ?? 2) - (b.dice ?? 2)).map((row) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.position = String(row.position);
    button.setAttribute("aria-current", String(row.position === position));
    const name = document.createElement("span"), score = document.createElement("span");
    name.textContent = row.name;
    score.textContent = row.dice === undefined
      ? `${row.predictedMl.toFixed(1)} ml`
      : row.dice === null
      ? "–"
      : (100 * row.dice).toFixed(2);
    button.append(name, score);
    button.addEventListener("click", () => choose(row.position, row.worst));
    return button;
  });
  get("viewer-rows").replaceChildren(...list);
}

function choose(chosen: number, slice?: number): void {
  position = chosen;
  get<HTMLSelectElement>("viewer-class").value = String(chosen);
  for (const button of get("viewer-rows").querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.dataset.position === String(chosen)));
  }
  paint();
  if (slice !== undefined) goTo(slice);
}

function step(by: number): void {
  const next = cases[cases.indexOf(current!) + by];
  if (next) open(next.key);
}

if (dialog) {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-open]");
    if (!button) return;
    const { open: key, slice, position: only } = button.dataset;
    open(key!, { slice: slice === undefined ? undefined : Number(slice), only: Number(only ?? 0) });
  });
  get("viewer-close").addEventListener("click", () => dialog.close());
  get("viewer-previous").addEventListener("click", () => step(-1));
  get("viewer-next").addEventListener("click", () => step(1));
  const choice = get<HTMLSelectElement>("viewer-class");
  choice.addEventListener("change", () => {
    const chosen = Number(choice.value);
    choose(chosen, current?.rows.find((row) => row.position === chosen)?.worst ?? current?.worst);
  });
  addEventListener("resize", () => viewer && dialog.open && current?.viewer && arrange());
  for (const id of ["viewer-truth", "viewer-predicted", "viewer-outline", "viewer-opacity"]) {
    get(id).addEventListener("input", paint);
  }
  dialog.addEventListener("keydown", (event) => {
    if (
      (event.target as Element).matches("textarea, select, input") || event.ctrlKey || event.metaKey || event.altKey
    ) return;
    const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
    if (by !== undefined && viewer && current) {
      const along = [0, 0, 0];
      along[current.sliceAxis] = by;
      viewer.moveCrosshairInVox(along[0], along[1], along[2]);
    } else if (event.key === "n") step(1);
    else if (event.key === "p") step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
}

export {};
