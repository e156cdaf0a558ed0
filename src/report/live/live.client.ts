/// <reference lib="dom" />
// Asks the page's own server every two seconds how the run stands, and draws what is new. It changes nothing there.

interface State {
  experiment: string;
  command: string;
  outcome: { state: string; message?: string };
  lastTime: string;
  adapter: string;
  stages: {
    stage: string;
    part?: string;
    state: string;
    seconds?: number;
    done?: number;
    total?: number;
    unit?: string;
    message?: string;
  }[];
  warnings: string[];
  trainings: { key: string; name: string }[];
  training?: {
    key: string;
    planned: number;
    step: number;
    milliseconds: number;
    secondsLeft: number;
    points: { from: number; steps: number[]; values: Record<string, (number | null)[]> };
  };
  picture?: { address: string; title: string };
}

type Column = (number | null)[];

/** What we use of uPlot 1.6.32. */
interface Plot {
  setData(data: Column[]): void;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
}
declare const uPlot: new (options: Record<string, unknown>, data: Column[], target: HTMLElement) => Plot;

const EVERY_MS = 2000, AFTER_FAILURE_MS = 5000;
const COLOURS = ["#0a84c6", "#d55e00", "#009e73", "#cc5f9d", "#8a6fd8", "#b58900", "#5b8fa8"];

const { plots, names }: {
  plots: { title: string; keys: string[]; log?: boolean; from0to1?: boolean }[];
  names: Record<string, string>;
} = JSON.parse(document.getElementById("plots")!.textContent!);
const get = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const text = (id: string, value: string) => {
  const element = get(id);
  if (element.textContent !== value) element.textContent = value;
};

let chosen = "";
let shown = "";
let steps: number[] = [];
let values: Record<string, Column> = {};
let drawn: { plot: Plot; keys: string[]; figure: HTMLElement }[] = [];

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86400).toFixed(1)} days`;
}

function show(state: State): void {
  const { outcome, stages, training, picture, warnings, trainings } = state;
  document.title = `${state.experiment}: ${outcome.state}`;
  text("experiment", state.experiment);
  text("state", { unfinished: "not finished", done: "finished" }[outcome.state] ?? outcome.state);
  get("state").className = `badge ${outcome.state}`;
  text("command", state.command && `./dfdt ${state.command}`);
  const ago = (Date.now() - Date.parse(state.lastTime)) / 1000;
  text(
    "heard",
    [state.adapter, outcome.state === "running" && ago > 30 ? `last heard of ${duration(ago)} ago` : ""]
      .filter((word) => word).join(", "),
  );
  const banner = get("banner");
  banner.hidden = !outcome.message;
  banner.className = `banner ${outcome.state}`;
  text("banner", outcome.message ?? "");

  const running = stages.find((stage) => stage.state === "running");
  text("now", nowInWords(outcome.state, running, training));
  const bar = get<HTMLProgressElement>("progress");
  bar.hidden = !running;
  if (running?.total) {
    bar.value = (running.stage === "train" && training ? training.step : running.done ?? 0) / running.total;
  }
  const list = stages.map((stage) => {
    const item = document.createElement("li"),
      name = document.createElement("span"),
      note = document.createElement("span");
    item.dataset.state = stage.state;
    name.textContent = nameOf(stage);
    note.textContent = stageInWords(stage);
    item.append(name, note);
    return item;
  });
  get("stages").replaceChildren(...list);

  if (picture) {
    const image = get<HTMLImageElement>("picture");
    if (image.getAttribute("src") !== picture.address) {
      image.src = picture.address;
      image.alt = picture.title;
      image.hidden = false;
      text("picture-name", picture.title);
    }
  }
  get("warning-section").hidden = warnings.length === 0;
  get("warnings").replaceChildren(...warnings.map((warning) => {
    const item = document.createElement("li");
    item.textContent = warning;
    return item;
  }));
  const choice = get<HTMLSelectElement>("training");
  get("which").hidden = trainings.length < 2;
  if (choice.options.length !== trainings.length) {
    choice.replaceChildren(...trainings.map(({ key, name }) => new Option(name, key)));
  }
  if (training) {
    choice.value = training.key;
    draw(training);
  }
}

function nameOf({ stage, part }: { stage: string; part?: string }): string {
  return part ? `${stage} (${part})` : stage;
}

function nowInWords(state: string, running: State["stages"][number] | undefined, training: State["training"]): string {
  if (!running || state === "done") {
    return state === "done" ? "The run is finished." : state === "running" ? "Between two stages." : "Nothing runs.";
  }
  if (running.stage !== "train" || !training) {
    const count = running.total ? `: ${running.done} of ${running.total} ${running.unit}` : "";
    return `${nameOf(running)}${count}`;
  }
  const of = training.planned ? ` of ${training.planned}` : "";
  const speed = training.milliseconds > 0 ? `, ${(training.milliseconds / 1000).toPrecision(2)} s a step` : "";
  const left = training.secondsLeft > 0 ? `, ${duration(training.secondsLeft)} left` : "";
  return `${nameOf(running)}: step ${training.step}${of}${speed}${left}`;
}

function stageInWords({ state, seconds, done, total, unit }: State["stages"][number]): string {
  if (state === "made") return seconds === undefined ? "made" : duration(seconds);
  if (state === "running") return total ? `${done}/${total} ${unit}` : "running";
  return state === "cached" ? "cached" : "–";
}

function draw({ key, points }: NonNullable<State["training"]>): void {
  if (key !== shown || points.from === 0) [steps, values] = [[], {}];
  shown = key;
  steps.push(...points.steps);
  for (const [name, column] of Object.entries(points.values)) (values[name] ??= []).push(...column);
  get("no-curves").hidden = steps.length > 0;
  if (steps.length === 0) return;
  if (drawn.length === 0) drawn = plots.map(makePlot);
  if (points.steps.length === 0 && points.from > 0) return;
  for (const { plot, keys } of drawn) {
    const columns = keys.map((name) => values[name] ?? []);
    // of several the noise of one would hide the others
    plot.setData([steps, ...(keys.length === 1 ? [columns[0], smoothed(columns[0])] : columns.map(smoothed))]);
  }
}

/** Means of neighbours within a twentieth of the curve. */
function smoothed(column: Column): Column {
  const half = Math.floor(column.length / 40);
  let sum = 0, count = 0;
  const add = (i: number, sign: number) => {
    const value = column[i];
    if (value === undefined || value === null) return;
    sum += sign * value;
    count += sign;
  };
  for (let i = 0; i < half; i++) add(i, 1);
  return column.map((_, i) => {
    add(i + half, 1);
    add(i - half - 1, -1);
    return count > 0 ? sum / count : null;
  });
}

function makePlot({ title, keys, log, from0to1 }: (typeof plots)[number]) {
  const figure = document.createElement("figure"), caption = document.createElement("figcaption");
  caption.textContent = keys.length === 1 ? title : `${title}, smoothed`;
  figure.append(caption);
  get("curves").append(figure);
  const axis = { stroke: () => getComputedStyle(document.body).color, grid: { stroke: "#8885", width: 1 } };
  const isOne = keys.length === 1;
  const plot = new uPlot(
    {
      ...sizeOf(figure),
      scales: { x: { time: false }, y: log ? { distr: 3 } : from0to1 ? { range: [0, 1] } : {} },
      axes: [axis, { ...axis, size: 56 }],
      legend: { show: keys.length > 1, live: false },
      cursor: { sync: { key: "steps" } },
      series: [
        { label: "step" },
        ...keys.map((key, i) => ({
          label: names[key] ?? key,
          stroke: isOne ? `${COLOURS[i]}55` : COLOURS[i],
          width: isOne ? 1 : 1.5,
          points: { show: false },
        })),
        ...(isOne ? [{ label: "smoothed", stroke: COLOURS[0], width: 2, points: { show: false } }] : []),
      ],
    },
    [[], ...keys.map(() => []), ...(isOne ? [[]] : [])],
    figure,
  );
  return { plot, keys, figure };
}

function sizeOf(figure: HTMLElement): { width: number; height: number } {
  return { width: Math.max(240, figure.clientWidth), height: 200 };
}

async function ask(): Promise<void> {
  let wait = EVERY_MS;
  try {
    const query = new URLSearchParams({
      have: String(steps.length),
      last: String(steps.at(-1) ?? 0),
      training: chosen || shown,
    });
    if (query.get("training") === "") query.delete("training");
    const answer = await fetch(`state?${query}`);
    if (!answer.ok) throw new Error(await answer.text());
    show(await answer.json());
  } catch {
    text("state", "no answer");
    get("state").className = "badge unfinished";
    text("heard", "The run has ended, or this page's server: ./dfdt watch follows the folder again.");
    wait = AFTER_FAILURE_MS;
  }
  setTimeout(next, wait);
}

/** Nobody looks at a page that is hidden: it asks again when it is seen. */
function next(): void {
  if (document.hidden) document.addEventListener("visibilitychange", () => next(), { once: true });
  else ask();
}

get("training").addEventListener("change", () => {
  chosen = get<HTMLSelectElement>("training").value;
  [steps, values] = [[], {}];
});
addEventListener("resize", () => drawn.forEach(({ plot, figure }) => plot.setSize(sizeOf(figure))));
ask();

export {};
