import assert from "node:assert/strict";
import { readNifti, writeNifti } from "../../src/imaging/files/nifti_file.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";
import { run, runWith, SMALL, start } from "./command_line.ts";

const work = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(work, { recursive: true }));

Deno.test("pipeline --dry-run prints the plan and makes nothing", async () => {
  const { code, stdout } = await run("pipeline", "phantom", "--dry-run", "--work", work, ...SMALL);
  assert.equal(code, 0);
  assert.match(stdout, /phantom +\w{24} +to make: never made/);
  assert.match(stdout, /test +- +to do: waits for resample/);
  assert.deepEqual([...Deno.readDirSync(work)].filter(({ isDirectory }) => isDirectory), []);
});

Deno.test("pipeline --until index stops there, --where finds the artifact, a second run is all cached", async () => {
  const first = await run("pipeline", "phantom", "--until", "index", "--work", work, ...SMALL);
  assert.equal(first.code, 0, first.stderr);
  assert.doesNotMatch(first.stdout, /supervoxels|train:/);
  const where = await run("pipeline", "phantom", "--where", "index", "--work", work, ...SMALL);
  assert.equal(where.code, 0);
  const map = JSON.parse(await Deno.readTextFile(`${where.stdout.trim()}/classmap_1.json`));
  assert.equal(Object.keys(map.LIVER).length, 11);
  const missing = await run("pipeline", "phantom", "--where", "test", "--work", work, ...SMALL);
  assert.deepEqual([missing.code, missing.stdout], [1, ""]);
  const second = await run("pipeline", "phantom", "--until", "index", "--work", work, ...SMALL);
  assert.equal(second.stdout.match(/^cached /gm)?.length, 4);
});

Deno.test("pipeline makes the same artifacts with one case at a time and with three, in workers", async () => {
  const made: string[][] = [];
  for (const workers of ["1", "3"]) {
    const own = await Deno.makeTempDir();
    const args = ["pipeline", "phantom", "--until", "supervoxels", "--work", own, ...SMALL];
    const { code, stderr, stdout } = await runWith({ DFDT_WORKERS: workers }, ...args, "--json");
    assert.equal(code, 0, stderr);
    assert.equal(stdout.includes('"message":"3 side by side"'), workers === "3");
    const digests: string[] = [];
    for (const stage of ["window", "resample", "supervoxels"]) {
      const where = (await run(...args, "--where", stage)).stdout.trim();
      const { files } = JSON.parse(await Deno.readTextFile(`${where}/manifest.json`));
      digests.push(where.slice(own.length), ...files.map((file: { path: string; sha256: string }) => file.sha256));
    }
    made.push(digests);
    await Deno.remove(own, { recursive: true });
  }
  assert.equal(made[0].length, 3 + 22 + 33 + 22);
  assert.deepEqual(made[0], made[1]);
});

Deno.test("pipeline refuses options that make no sense together, before it does anything", async () => {
  const cases: [args: string[], message: RegExp][] = [
    [["--profile", "--executor", "slurm"], /Cannot use --profile with --executor slurm/],
    [["--detach"], /Cannot use --detach: expected --executor slurm beside it/],
    [["--case", "a"], /Cannot use --case "a": expected --until/],
  ];
  await inFolder(async (dir) => {
    for (const [args, message] of cases) {
      const { code, stderr } = await run("pipeline", "phantom", "--work", dir, ...args);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.deepEqual([...Deno.readDirSync(dir)], []);
    }
  });
});

Deno.test("pipeline refuses DFDT_WORKERS that is no number of workers", async () => {
  const { code, stderr } = await runWith({ DFDT_WORKERS: "0" }, "pipeline", "phantom", "--dry-run", "--work", work);
  assert.equal(code, 2);
  assert.match(stderr, /Cannot use DFDT_WORKERS "0": expected a whole number in 1\.\.99/);
});

Deno.test("one voxel changed in one raw case makes only that case again", async () => {
  const data = await Deno.makeTempDir(), own = await Deno.makeTempDir();
  const made = await run(
    "phantom",
    "--layout",
    "sabs",
    "--out",
    data,
    "--cases",
    "11",
    "--size",
    "96",
    "--slices",
    "8",
  );
  assert.equal(made.code, 0, made.stderr);
  const args = ["pipeline", "phantom", "--data", data, "--until", "supervoxels", "--work", own, ...SMALL];
  assert.equal((await run(...args)).code, 0);
  const image = `${data}/RawData/Training/img/img0003.nii.gz`;
  const volume = await readNifti(image);
  const middle = (4 * 96 + 48) * 96 + 48;
  volume.data[middle] = volume.data[middle] > 50 ? 0 : 100;
  await writeNifti(image, volume);
  const { stdout } = await run(...args);
  assert.match(stdout, /window +\w+ +to make: 1 of 11 cases; changed: input images\.2/);
  // eleven artifacts of the first run and one of the second
  for (const stage of ["window", "resample", "supervoxels"]) {
    const manifests = [...Deno.readDirSync(`${own}/phantom/${stage}/cases`)]
      .filter(({ isDirectory }) => isDirectory)
      .map(({ name }) => JSON.parse(Deno.readTextFileSync(`${own}/phantom/${stage}/cases/${name}/manifest.json`)));
    assert.equal(manifests.length, 12);
    const ids = manifests.map(({ inputs }) => inputs.case);
    assert.equal(ids.filter((id) => id === "2").length, 2);
  }
  for (const dir of [data, own]) await Deno.remove(dir, { recursive: true });
});

Deno.test("pipeline --fold all shares what folds share and writes a summary; --where finds one directory a fold", async () => {
  const args = ["pipeline", "phantom", "--fold", "all", "--work", work, ...SMALL, "--set", "training.steps=2"];
  const { code, stdout, stderr } = await run(...args);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.match(/^cached +supervoxels|^done +supervoxels/gm)?.length, 1);
  assert.equal(stdout.match(/^done +train \(fold \d\)/gm)?.length, 5);
  assert.match(stdout, /\| mean \| \d+\.\d\d \|.* ± /);
  const tests = (await run(...args, "--where", "test")).stdout.trim().split("\n");
  assert.equal(new Set(tests).size, 5);
  for (const [fold, dir] of tests.entries()) {
    const scores = JSON.parse(await Deno.readTextFile(`${dir}/scores.json`));
    assert.deepEqual([scores.fold, Object.keys(scores.classes)], [fold, ["SPLEEN", "RK", "LK", "LIVER"]]);
  }
  const [dir] = (await run(...args, "--where", "summary")).stdout.trim().split("\n");
  const summary = JSON.parse(await Deno.readTextFile(`${dir}/summary.json`));
  assert.equal(summary.dice.folds.length, 5);
  for (const name of ["summary.md", "summary.csv", "summary.tex"]) {
    assert.ok((await Deno.stat(`${dir}/${name}`)).size > 0);
  }
  // the page of the artifact, of the run, and the one that the run ended with
  const [page] = (await run(...args, "--where", "report")).stdout.trim().split("\n");
  for (const given of [dir, page, `${work}/phantom`]) {
    const out = `${work}/page.html`;
    const made = await run("report", given, "--out", out);
    assert.deepEqual([made.code, made.stdout], [0, `${out}\n`], made.stderr);
    assert.match(await Deno.readTextFile(out), /over 5 folds, 4 classes and \d+ cases/);
  }
  assert.match(await Deno.readTextFile(`${page}/index.html`), /over 5 folds, 4 classes and \d+ cases/);
});

Deno.test("pipeline interrupted while training exits 130 and goes on from its last snapshot", async () => {
  const own = await Deno.makeTempDir();
  const args = ["pipeline", "phantom", "--json", "--work", own, ...SMALL, "--set", "training.steps=400"];
  const child = start(args);
  let text = "", interrupted = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (interrupted || !/"event":"progress","stage":"train"/.test(text)) continue;
    child.kill("SIGINT");
    interrupted = true;
  }
  const stderr = await new Response(child.stderr).text();
  assert.equal((await child.status).code, 130, stderr);
  assert.match(stderr, /Interrupted in stage "train": kept up to step \d+ of 400; the same command goes on from there/);
  const [partial] = [...Deno.readDirSync(`${own}/phantom/train`)].filter(({ name }) => name.endsWith(".partial"));
  assert.ok([...Deno.readDirSync(`${own}/phantom/train/${partial.name}/snapshots`)].length > 0);
  await Deno.remove(own, { recursive: true });
});

/** Arguments, exit code and message of what a user may get wrong. */
const MISTAKES: [args: string[], code: number, message: RegExp][] = [
  [["pipeline", "phantm"], 2, /Unknown experiment "phantm": did you mean "phantom"\?/],
  [["pipeline", "phantom", "--until", "trian"], 2, /Unknown stage "trian" of --until: did you mean "train"\?/],
  [["pipeline", "phantom", "--where", "trian"], 2, /Unknown stage "trian" of --where: did you mean "train"\?/],
  [["pipeline", "phantom", "--from", "train", "--until", "index"], 2, /--from "train" and stop --until "index"/],
  [
    ["pipeline", "phantom", "--seed", "99999999999999999999"],
    2,
    /Cannot use --seed "9+": expected a whole number in 0\.\./,
  ],
  [["pipeline", "phantom", "--set", "network.parts=2000"], 2, /network\.parts: expected 1 to 625.*, found 2000/],
  [["pipeline", "phantom", "--adapter", "none such"], 2, /expected part of the name of one that there is, "/],
  [
    ["pipeline", "phantom", "--set", "training.stpes=3"],
    2,
    /Unknown key "training\.stpes": did you mean "training\.steps"\?/,
  ],
  [["pipeline", "phantom", "--set", "training.steps=-1"], 2, /training\.steps: /],
  [["pipeline", "phantom", "--set", "training.steps"], 2, /expected key=value/],
  [["pipeline", "phantom", "--fold", "7"], 2, /Unknown --fold "7": expected a number from 0 to 4, or all/],
  [
    ["pipeline", "phantom", "--fold", "4", "--set", "phantom.cases=8"],
    2,
    /Cannot use fold 4: expected .* found no test case/,
  ],
  [["pipeline", "phantom", "--sed", "7"], 2, /unknown option '--sed'/],
  [["pipeline", "phantom", "--seed", "x"], 2, /Cannot use --seed "x": expected a whole number/],
  [["pipeline", "custom", "--data", "nowhere"], 2, /Cannot find the data folder "nowhere"/],
  [["pipeline", "phantom", "--data", "nowhere"], 2, /Cannot find the data folder "nowhere"/],
  [["phantom", "--out", "x", "--layout", "cmr", "--labelled", "1"], 2, /Cannot use --labelled with --layout cmr/],
  [
    ["phantom", "--out", "x", "--layout", "nnunet", "--cases", "2", "--labelled", "3"],
    2,
    /Cannot use --labelled "3": expected a whole number in 0\.\.2/,
  ],
  [["pipelin", "phantom"], 2, /unknown command 'pipelin'/],
  [["parity", "tests/fixtures/network", "smal"], 2, /Cannot read fixture "smal": expected /],
  [["parity", "nowhere"], 2, /Cannot read "nowhere": expected a folder with fixtures/],
];

for (const [args, code, message] of MISTAKES) {
  Deno.test(`${args.join(" ")} fails with exit code ${code} and says why`, async () => {
    const found = await run(...args, ...(args[0] === "pipeline" ? ["--work", work] : []));
    assert.equal(found.code, code, found.stderr);
    assert.match(found.stderr, message);
    assert.doesNotMatch(found.stderr, /\n +at /);
  });
}

Deno.test("doctor looks at adapter, memory, disk and data folders", async () => {
  const { code, stdout } = await run("doctor", "--json", "--work", work);
  const findings = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(code, 0, stdout);
  assert.deepEqual([...new Set(findings.map(({ about }) => about))], ["versions", "adapter", "memory", "disk", "data"]);
  assert.equal(findings.find(({ about }) => about === "adapter").state, "ok");
});

/** Makes every driver invisible to the Vulkan loader, as on a machine that has none. */
const NO_DRIVER = { VK_DRIVER_FILES: "/dev/null", VK_ICD_FILENAMES: "/dev/null" };

const NO_ADAPTER = /found no usable WebGPU adapter\. Install a Vulkan driver/;

Deno.test("pipeline and parity without a usable adapter fail with exit code 3 and say how to get one", async () => {
  // all but the training was made above
  const steps = ["--until", "train", "--set", "training.steps=3"];
  for (
    const args of [
      ["parity", "tests/fixtures/network", "small"],
      ["pipeline", "phantom", "--work", work, ...SMALL, ...steps],
    ]
  ) {
    const { code, stderr } = await runWith(NO_DRIVER, ...args);
    assert.equal(code, 3, stderr);
    assert.match(stderr, NO_ADAPTER);
    assert.doesNotMatch(stderr, /\n +at /);
  }
});

Deno.test("doctor without a usable adapter looks at everything all the same, says how to get one, exit code 3", async () => {
  const { code, stdout } = await runWith(NO_DRIVER, "doctor", "--json", "--work", work);
  assert.equal(code, 3, stdout);
  const findings = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const failed = findings.filter(({ state }) => state === "failed");
  assert.deepEqual(failed.map(({ about }) => about), ["adapter"]);
  assert.match(failed[0].message, NO_ADAPTER);
  assert.ok(findings.some(({ about }) => about === "data"));
  const people = await runWith(NO_DRIVER, "doctor", "--work", work);
  assert.deepEqual([people.code, /^failed +adapter +Cannot open a GPU/m.test(people.stdout)], [3, true]);
});
