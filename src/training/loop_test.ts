import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { clear, copy, mode, openDevice, upload } from "../gpu/mod.ts";
import { Parameters } from "../nn/mod.ts";
import { recordSyncs } from "../testing/record_syncs.ts";
import { fromArray, persist, type Tensor, zeros } from "../tensor/mod.ts";
import { type GpuEpisode, type PlannedEpisode, Stopped, train, type Trainable, type TrainingOptions } from "./loop.ts";
import type { Growth } from "./memory_growth.ts";
import { AdamW, type Optimizer, Sgd } from "./optimizer.ts";
import { lastSnapshotStep } from "./snapshot.ts";
import { EVENT_FILE } from "./tensorboard.ts";
import { decodeSafetensors } from "../weights/safetensors.ts";

const isComputing = () => mode() === "compute";

/** Its gradient is its value, so every step shrinks it; `badStep` logs what is no number. */
class Shrinking implements Trainable {
  readonly parameters = new Parameters([{ name: "w", shape: [64], kind: "parameter", gradient: true }]);
  readonly measures = ["total", "learningRate", "gradientNorm", "milliseconds", "episodeDice"].map((name) => ({
    name,
    tag: name === "milliseconds" ? undefined : `of/${name}`,
  }));
  /** State on the host's side, which a snapshot has to keep. */
  calls = 0;
  /** Steps that were computed, in order. */
  readonly computed: number[] = [];
  readonly #scalars: Tensor = persist(zeros([2]));

  constructor(readonly badStep = -1) {
    upload(this.parameters.values, new Uint8Array(new Float32Array(64).fill(2).buffer));
  }

  step({ queryImage }: Partial<GpuEpisode>, step: number): { scalars: Tensor; draw: Tensor; prediction?: Tensor } {
    this.calls++;
    if (isComputing()) this.computed.push(step);
    copy(this.parameters.values, this.parameters.gradients);
    if (step === this.badStep) upload(this.#scalars, new Uint8Array(Float32Array.of(NaN, 0).buffer));
    else if (isComputing()) clear(this.#scalars);
    return {
      scalars: this.#scalars,
      draw: fromArray(Int32Array.of(2 * step, 1000000 + step), [2]),
      prediction: queryImage,
    };
  }

  summary({ total }: Readonly<Record<string, number>>): string {
    return `loss ${total}`;
  }

  readState(): Promise<Record<string, number>> {
    return Promise.resolve({ calls: this.calls });
  }

  writeState({ calls }: Record<string, number>): void {
    this.calls = calls;
  }
}

function episode(step: number): PlannedEpisode {
  return { case: `case ${step % 3}`, supervoxel: step, slices: [1, 2], load: () => ({}) as never };
}

const OPTIMIZERS: Record<string, (trainable: Shrinking) => Optimizer> = {
  sgd: ({ parameters: { values, gradients, active } }) =>
    new Sgd({ values, gradients, active, momentum: 0.9, weightDecay: 0 }),
  adamw: ({ parameters: { values, gradients, active } }) =>
    new AdamW({ values, gradients, active, betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0.1 }),
};

/** Trains in a folder. */
async function run(dir: string, trainable: Shrinking, options: Partial<TrainingOptions> = {}) {
  await train({
    trainable,
    optimizer: OPTIMIZERS.sgd(trainable),
    learningRate: (step) => 0.1 / step,
    steps: 37,
    snapshotEvery: 5,
    episode,
    dir,
    signal: new AbortController().signal,
    onProgress: () => {},
    onEstimate: () => {},
    onGrowth: () => Promise.resolve(),
    ...options,
  });
}

const lines = async (dir: string) =>
  (await Deno.readTextFile(join(dir, "metrics.jsonl"))).trim().split("\n").map((line) => JSON.parse(line));
const snapshot = async (dir: string, step: number) => {
  const bytes = await Deno.readFile(join(dir, `snapshots/step-${step}.safetensors`));
  return decodeSafetensors(bytes, "snapshot");
};

const snapshots = (dir: string) => [...Deno.readDirSync(join(dir, "snapshots"))].map(({ name }) => name).sort();

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  await openDevice();
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("train() logs every step, snapshots every fifth and the last, and tells the time that is left", () =>
  inFolder(async (dir) => {
    const estimates: number[] = [];
    await run(dir, new Shrinking(), { onEstimate: (seconds) => estimates.push(seconds) });
    const log = await lines(dir);
    assert.deepEqual(log.map(({ step }) => step), Array.from({ length: 37 }, (_, i) => i + 1));
    assert.deepEqual(Object.keys(log[0]).slice(0, 4), ["step", "case", "supervoxel", "slices"]);
    assert.equal(log[0].gradientNorm, 16); // 64 times 2
    assert.deepEqual(log[22].foreground, [46, 1000023]);
    const names = [...Deno.readDirSync(join(dir, "snapshots"))].map(({ name }) => name).sort();
    assert.equal(names.length, 8);
    assert.ok(names.includes("step-37.safetensors") && names.includes("step-35.safetensors"));
    assert.equal(estimates.length, 1);
  }));

Deno.test({
  name: "train() has a snapshot's steps on the disk before it writes the snapshot, and the snapshot before its name",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (dir) => {
      const logged: number[] = [];
      const onSync = (path: string) => {
        if (path.endsWith("metrics.jsonl")) logged.push(Deno.readTextFileSync(path).split("\n").length - 1);
      };
      const synced = await recordSyncs(() => run(dir, new Shrinking(), { steps: 8 }), onSync);
      assert.deepEqual(
        synced.map((path) => relative(Deno.realPathSync(dir), path)),
        [5, 8].flatMap((step) => ["metrics.jsonl", `snapshots/step-${step}.safetensors.new`, "snapshots"]),
      );
      assert.deepEqual(logged, [5, 8]);
    }),
});

Deno.test("train() hands the slices of the wanted steps over, after their lines and before their snapshots", () =>
  inFolder(async (dir) => {
    const NAMES = ["supportImage", "supportMask", "queryImage", "queryMask"] as const;
    const maps = (step: number) =>
      NAMES.map((name, i) => [name, fromArray(new Float32Array(4).fill(10 * step + i), [2, 2])]);
    const written: unknown[] = [], notes: string[] = [];
    await run(dir, new Shrinking(), {
      steps: 12,
      episode: (step) => ({ ...episode(step), load: () => Object.fromEntries(maps(step)) }),
      onProgress: (_, note) => notes.push(note),
      pictures: {
        side: 2,
        isDue: (step) => step % 5 === 0,
        async write(step, id, slices) {
          const { supportImage, queryMask, prediction } = slices;
          const log = await lines(dir);
          const known = (await lastSnapshotStep(dir)) ?? 0;
          written.push([step, id, supportImage[3], queryMask[0], prediction[1], log.length, known]);
          return `picture-${step}.png`;
        },
      },
    });
    assert.deepEqual(written, [[5, "case 2", 50, 53, 52, 5, 0], [10, "case 1", 100, 103, 102, 10, 5]]);
    assert.match(notes.at(-1)!, /^loss .*, picture-10\.png$/);
  }));

for (const [name, optimizerOf] of Object.entries(OPTIMIZERS)) {
  Deno.test(`train() with ${name} goes on from its last snapshot, to the same bits, with a log that has every step once`, () =>
    inFolder(async (whole) => {
      const undisturbed = new Shrinking();
      await run(whole, undisturbed, { optimizer: optimizerOf(undisturbed) });
      await inFolder(async (broken) => {
        const interrupt = new AbortController();
        const first = new Shrinking();
        const interrupted = (step: number) => {
          if (step === 17) interrupt.abort();
          return episode(step);
        };
        await assert.rejects(
          run(broken, first, { optimizer: optimizerOf(first), signal: interrupt.signal, episode: interrupted }),
          (error: Error) => error instanceof Stopped && error.step === 17,
        );
        assert.equal(await lastSnapshotStep(broken), 17); // between two that every run keeps
        await Deno.writeTextFile(join(broken, "metrics.jsonl"), '{"step":18,"to', { append: true }); // killed while writing
        const second = new Shrinking();
        await run(broken, second, { optimizer: optimizerOf(second) });
        assert.deepEqual([first.computed.at(-1), second.computed[0]], [17, 18]);
        assert.equal(second.computed.at(-1), 37);
        assert.deepEqual(snapshots(broken), snapshots(whole)); // that of the interrupt is gone
        const [a, b] = [await snapshot(whole, 37), await snapshot(broken, 37)];
        assert.deepEqual(b.tensors, a.tensors); // the optimiser's state among them
        assert.equal(b.tensors.size, name === "sgd" ? 2 : 3);
        assert.deepEqual(b.metadata, a.metadata); // the host's state too
        const timeless = (log: Record<string, unknown>[]) => log.map((line) => ({ ...line, milliseconds: 0 }));
        assert.deepEqual(timeless(await lines(broken)), timeless(await lines(whole)));
        const events = (dir: string) => Deno.readFile(join(dir, EVENT_FILE));
        assert.deepEqual(await events(broken), await events(whole));
      });
    }));
}

Deno.test("train() refuses to go on from the snapshot of another optimiser", () =>
  inFolder(async (dir) => {
    await run(dir, new Shrinking(), { steps: 5 });
    const second = new Shrinking();
    await assert.rejects(
      run(dir, second, { optimizer: OPTIMIZERS.adamw(second) }),
      /expected the state of an optimiser with 64 values of "optimizer.firstMoment", found none/,
    );
  }));

Deno.test("train() that is done does nothing", () =>
  inFolder(async (dir) => {
    await run(dir, new Shrinking());
    const again = new Shrinking();
    await run(dir, again);
    assert.deepEqual(again.computed, []);
  }));

Deno.test("train() tells of a process whose memory grows with every step, once", async () => {
  const told: Growth[] = [];
  const onGrowth = (growth: Growth) => Promise.resolve(void told.push(growth));
  const options = { steps: 70, snapshotEvery: 5, onGrowth };
  // what the process really takes swings with the garbage of other tests; tests/system/growth_test.ts measures it
  const { memoryUsage } = Deno;
  const mib = 2 ** 20;
  try {
    for (const kept of [0, 4 * mib]) {
      const trainable = new Shrinking();
      Deno.memoryUsage = () => ({ ...memoryUsage(), rss: 400 * mib + kept * trainable.computed.length });
      await inFolder((dir) => run(dir, trainable, options));
      if (kept === 0) assert.deepEqual(told, []);
    }
  } finally {
    Deno.memoryUsage = memoryUsage;
  }
  assert.equal(told.length, 1);
  const [{ bytesPerStep, from, to }] = told;
  assert.equal(bytesPerStep, 4 * mib);
  assert.ok(from.step > 20 && to.step > from.step && to.step <= 70, `${from.step} to ${to.step}`);
});

Deno.test("train() stops at a value that is not finite and names step, episode and the last good snapshot", () =>
  inFolder(async (dir) => {
    const message =
      /expected finite values, found total NaN at step 13 \(case "case 1", supervoxel 13, slices 1,2\).*"step-10\.safetensors"/;
    await assert.rejects(run(dir, new Shrinking(13)), message);
    assert.equal((await lines(dir)).at(-1)!.step, 12);
    await assert.rejects(run(dir, new Shrinking(13)), message); // the same command says the same
    await run(dir, new Shrinking());
    assert.equal((await lines(dir)).length, 37);
  }));

Deno.test("train() writes no snapshot of parameters that are not finite, though the losses still were", () =>
  inFolder(async (dir) => {
    const options = { learningRate: (step: number) => step === 4 ? 3e38 : 0.1, snapshotEvery: 2 };
    await assert.rejects(
      run(dir, new Shrinking(), options),
      /found others in "w" after step 4 \(case "case 1", .*"step-2\.safetensors"/,
    );
    assert.deepEqual([...Deno.readDirSync(join(dir, "snapshots"))].map(({ name }) => name), ["step-2.safetensors"]);
  }));

Deno.test("train() refuses a network that has no place in the log for what the loop measures", () =>
  inFolder(async (dir) => {
    const trainable = Object.assign(new Shrinking(), { measures: [{ name: "total" }, { name: "episodeDice" }] });
    await assert.rejects(run(dir, trainable), /expected learningRate, gradientNorm, milliseconds among its measures/);
  }));
