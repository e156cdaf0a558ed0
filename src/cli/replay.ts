import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { prepareTraining } from "../dfdt_training/prepare_training.ts";
import { readReplay } from "../dfdt_training/replay_file.ts";
import { type ReplayedStep, replayStep, type ValueRange } from "../training/replay.ts";

/** `deno task replay DIR`: makes one step of an unfinished training again and shows its values. */
export function command() {
  return new Command("replay")
    .description("makes one step of an unfinished training again and shows its values")
    .argument("<dir>", "folder of the training, WORK/EXPERIMENT/train/KEY.partial")
    .option("--step <n>", "number of the step; the one after the last in the log unless given", stepNumber)
    .option("--json", "one JSON object instead of a table")
    .action(async (dir, { step: wanted, json }) => {
      const { inputs, params } = await readReplay(dir);
      const step = wanted ?? await lastLogged(dir) + 1;
      if (step > params.training.steps) {
        throw new UserError("usage", `Cannot replay step ${step}: expected one of the ${params.training.steps} steps`);
      }
      const { network, optimizer, options } = await prepareTraining(
        inputs,
        params,
        (message) => console.error(message),
      );
      const onProgress = (at: number) => {
        if (at % 10 === 0 || at === step) console.error(`step ${at} of ${step}`);
      };
      const replayed = await replayStep({ ...options, dir, step, onProgress });
      console.log(json ? toJson(replayed) : describe(replayed));
      optimizer[Symbol.dispose]();
      network[Symbol.dispose]();
    });
}

function stepNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("expected a whole number from 1");
  return Number(text);
}

/** Number of the last step in the log, 0 if there is none. */
async function lastLogged(dir: string): Promise<number> {
  const text = await Deno.readTextFile(join(dir, "metrics.jsonl")).catch(() => "");
  const last = text.slice(0, text.lastIndexOf("\n") + 1).trimEnd().split("\n").at(-1);
  return last ? JSON.parse(last).step : 0;
}

/** JSON has no NaN and no infinity; as words they can be told apart. */
function toJson(replayed: ReplayedStep): string {
  return JSON.stringify(replayed, (_, value) => {
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
}

function describe({ step, snapshot, episode, learningRate, foreground, ...values }: ReplayedStep): string {
  const from = snapshot ? `"${snapshot}"` : "the initial weights";
  const [support, query] = episode.slices;
  const rows = Object.entries(values.scalars).map(([name, value]) => {
    return `  ${name.padEnd(WIDTH)} ${number(value)}${Number.isFinite(value) ? "" : "  not finite"}`;
  });
  return [
    `Step ${step}, made from ${from}: case "${episode.case}", supervoxel ${episode.supervoxel}, support slice ${support}, ` +
    `query slice ${query}, learning rate ${learningRate}`,
    ...table("augmented slices", values.inputs),
    ...table("state before the step", values.parameters),
    "values of the step",
    ...rows,
    ...(foreground ? [`  first centre: foreground pixel ${foreground[0]} of ${foreground[1]}`] : []),
    ...table("gradients", values.gradients),
  ].join("\n");
}

const WIDTH = 28;

function table(title: string, ranges: readonly ValueRange[]): string[] {
  const head = ["norm", "smallest", "largest", "not finite"].map((word) => word.padStart(12)).join("");
  return [
    `${title.padEnd(WIDTH + 2)} ${head.slice(Math.max(0, title.length - WIDTH - 2))}`,
    ...ranges.map(({ name, norm, smallest, largest, notFinite }) => {
      return `  ${name.padEnd(WIDTH)} ${number(norm)}${number(smallest)}${number(largest)}${
        String(notFinite).padStart(12)
      }`;
    }),
  ];
}

function number(value: number): string {
  return (Number.isFinite(value) ? value.toPrecision(4) : String(value)).padStart(12);
}
