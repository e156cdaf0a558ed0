import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { UserError } from "../../errors.ts";
import type { CaseJob } from "../case_job.ts";
import { DigestMemory } from "../digest.ts";
import type { PipelineEvent } from "../events.ts";
import { rawCases } from "../graph.ts";
import { Run } from "../run.ts";
import { Interrupted } from "../stage.ts";
import { type AnyStage, collectNodes } from "../graph.ts";
import { LocalExecutor } from "./local.ts";
import { availableMemory } from "../../available_memory.ts";
import { contentBytes } from "./content_bytes.ts";
import { act } from "./stages_of_tests.ts";

/** A folder with a raw file a case, and runs of the stage that does what they say. */
class Workplace implements AsyncDisposable {
  readonly root = Deno.makeTempDirSync();
  readonly events: PipelineEvent[] = [];
  readonly #ids: string[] = [];

  constructor(...deeds: string[]) {
    for (const [i, deed] of deeds.entries()) {
      this.#ids.push(String(i));
      Deno.writeTextFileSync(join(this.root, String(i)), deed);
    }
    Deno.mkdirSync(join(this.root, "meeting"));
  }

  /** Runs with a number of workers and returns where the artifacts are. */
  async run(workers: number, { work = "work", signal = new AbortController().signal, onEvent = () => {} }: {
    work?: string;
    signal?: AbortSignal;
    onEvent?: (event: PipelineEvent) => void;
  } = {}): Promise<string> {
    const files = new Map(this.#ids.map((id) => [id, join(this.root, id)]));
    const { nodes } = collectNodes(
      () => act({ texts: rawCases(files) }, { meeting: join(this.root, "meeting") }),
      work,
    );
    const run = new Run(nodes, {
      work: this.root,
      digests: new DigestMemory(this.root),
      reporter: { report: (event) => (this.events.push(event), onEvent(event)) },
      signal,
      workers,
      versions: () => ({ of: "test" }),
    });
    return [...(await run.execute()).values()][0];
  }

  /** Names of the cases' artifacts and of what is unfinished. */
  async left(): Promise<string[]> {
    const names = await readdir(join(this.root, "work", "act", "cases"));
    return names.filter((name) => !name.endsWith(".lock"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true });
  }
}

Deno.test("cases in two workers run side by side, and give what one after the other give", async () => {
  await using place = new Workplace("meet", "meet", "x", "y", "z");
  const two = await place.run(2);
  const one = await place.run(1, { work: "again" }); // those who meet find that they have met
  const read = async (dir: string) => {
    const manifest = JSON.parse(await readFile(join(dir, "manifest.json"), "utf8"));
    const texts = await Promise.all(["0", "1", "2", "3", "4"].map((id) => readFile(join(dir, `${id}.txt`), "utf8")));
    return { ...manifest, startTime: "", endTime: "", texts };
  };
  const found = await read(two);
  assert.deepEqual(found, await read(one));
  assert.deepEqual(found.texts, ["meetmeet", "meetmeet", "xx", "yy", "zz"]);
  assert.deepEqual(found.versions, { of: "test" });
  const progress = place.events.filter(({ event }) => event === "progress").map(({ done, message }) => [done, message]);
  assert.deepEqual(progress.slice(0, 5), [1, 2, 3, 4, 5].map((done) => [done, "2 side by side"]));
});

Deno.test("the problems of all cases are told at once, in the order of the cases, and the others are made", async () => {
  await using place = new Workplace("refuse", "x", "refuse", "y");
  await assert.rejects(place.run(2), (error) => {
    assert.ok(error instanceof UserError);
    assert.deepEqual([error.kind, error.exitCode], ["data", 2]);
    assert.equal(error.message, '2 cases cannot be used:\n  Cannot use "0"\n  Cannot use "2"');
    return true;
  });
  const left = await place.left();
  assert.equal(left.length, 2, left.join());
  assert.ok(left.every((name) => /^[0-9a-f]{24}$/.test(name)), left.join());
});

Deno.test("an error of a worker arrives with its name and message, and no further case begins", async () => {
  await using place = new Workplace("break", "break", "x", "y", "z");
  await assert.rejects(place.run(2), { name: "TypeError", message: "case 0 is broken" });
  assert.deepEqual(await place.left(), []);
});

Deno.test("a worker that ends, or finds no memory, fails its case by name", async () => {
  await using dying = new Workplace("die", "x");
  await assert.rejects(dying.run(2), /^Error: The worker of case "0" ended: .*nobody catches this/);
  await using full = new Workplace("fill", "x");
  await assert.rejects(
    full.run(2),
    /Case "0" ran out of memory \(Array buffer allocation failed\): DFDT_WORKERS=1 makes/,
  );
});

Deno.test("an interrupt keeps the cases that are finished or begun, and begins no other", async () => {
  await using place = new Workplace("meet", "meet", "x", "y", "z");
  const interrupt = new AbortController();
  const onEvent = ({ event }: PipelineEvent) => {
    if (event === "progress") interrupt.abort();
  };
  await assert.rejects(place.run(2, { signal: interrupt.signal, onEvent }), Interrupted);
  const left = await place.left();
  assert.ok(left.length >= 2 && left.length <= 3, left.join());
  assert.ok(left.every((name) => /^[0-9a-f]{24}$/.test(name)), left.join());
  const kept = left.length;
  place.events.length = 0;
  await place.run(2);
  assert.equal(place.events.filter(({ event }) => event === "progress").length, 5 - kept);
});

Deno.test("warnings come in the order of the cases, whichever was ready first", async () => {
  await using place = new Workplace("late", "warn");
  await place.run(2);
  const warnings = place.events.filter(({ event }) => event === "warning").map(({ message }) => message);
  assert.deepEqual(warnings, ["0 is late", "1 warns"]);
});

Deno.test("LocalExecutor.width() is what cores, memory and the cases' sizes allow", async () => {
  await using place = new Workplace();
  const file = join(place.root, "large");
  await Deno.truncate((await Deno.create(file), file), 8 * 2 ** 20);
  const small = join(place.root, "small");
  await writeFile(small, "x");
  const stage = (memoryPerInputByte: number, module?: string) => ({ module, memoryPerInputByte }) as AnyStage;
  const jobs = (path: string, count: number) =>
    Array.from({ length: count }, () => ({ inputs: { image: path } }) as unknown as CaseJob);
  const cores = navigator.hardwareConcurrency;
  const width = (one: AnyStage, of: CaseJob[], workers?: number) => new LocalExecutor(workers).width(one, of);
  assert.equal(await width(stage(1, "m"), jobs(file, 99)), Math.min(cores, 99));
  assert.equal(await width(stage(1, "m"), jobs(file, 1)), 1);
  assert.equal(await width(stage(1), jobs(file, 99)), 1, "no worker can find the stage");
  assert.equal(await width(stage(1, "m"), jobs(small, 99)), 1, "not worth a worker");
  const half = await availableMemory() / 2;
  assert.equal(await width(stage(half / 8 / 2 ** 20, "m"), jobs(file, 99)), 1, "two do not fit");
  assert.equal(await width(stage(1e9, "m"), jobs(small, 99), 7), 7, "the user knows better");
});

Deno.test("contentBytes() is the length of what a file or a folder holds, unpacked", async () => {
  await using place = new Workplace();
  const dir = join(place.root, "series");
  await mkdir(dir);
  await writeFile(join(dir, "a"), new Uint8Array(10));
  await writeFile(join(dir, "b.gz"), gzipSync(new Uint8Array(100_000)));
  assert.equal(await contentBytes(join(dir, "b.gz")), 100_000);
  assert.equal(await contentBytes(dir), 100_010);
});
