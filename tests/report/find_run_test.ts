import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { writeNifti } from "../../src/imaging/io/nifti.ts";
import { RunRecorder } from "../../src/pipeline/mod.ts";
import { findRun, makePage, writeSegmentRecord } from "../../src/report/mod.ts";
import { ballCases, makeRun, trainingBeside } from "../../src/testing/made_run.ts";
import { inFolder } from "../../src/testing/temporary_folder.ts";

const CLASSES = ["background", "a"];

Deno.test("findRun() finds the last run of a folder, and what belongs to an artifact, wherever the folder was moved to", () =>
  inFolder(async (work) => {
    const made = await makeRun(`${work}/before`, ballCases(2, { classes: 1 }), { classes: CLASSES });
    await rename(`${work}/before`, `${work}/x`);
    const dir = made.dir.replace("/before/", "/x/"), training = trainingBeside(made).replace("/before/", "/x/");
    const key = (path: string) => path.split("/").at(-1)!;
    // no record was kept: the last test, with its images and its training
    for (const given of [work, `${work}/x`, dir]) {
      const { directory, source } = await findRun(given);
      assert.equal(directory, `${work}/x`);
      assert.deepEqual(source.tests.map((test) => test.dir), [dir]);
      assert.ok(Object.values(source.tests[0].images).every((path) => path.startsWith(`${work}/x/normalize/`)));
      assert.deepEqual(source.trainings.map((one) => one.dir), [training]);
    }
    const alone = (await findRun(training)).source;
    assert.deepEqual([alone.tests.length, alone.trainings[0].dir], [0, training]);

    const recorder = new RunRecorder({ report: () => {} });
    const about = {
      experiment: "x",
      command: ["pipeline", "x y"],
      folder: "/",
      seed: 1,
      configuration: {},
      differences: ["d"],
    };
    const stage = (name: string, path: string) => ({ node: { stage: { name } } as never, key: key(path) });
    recorder.begin(`${work}/x`, about, [stage("train", training), stage("test", dir)], () => ({}));
    recorder.report({ event: "progress", stage: "train", key: key(training), done: 30, total: 60, unit: "steps" });
    recorder.end("failed", "no disk");
    const { source } = await findRun(work);
    assert.deepEqual([source.outcome, source.differences], [{ state: "failed", message: "no disk" }, ["d"]]);
    assert.deepEqual([source.tests.length, source.trainings[0].planned], [1, 60]);
    const page = await makePage(source);
    assert.ok(page.includes("./dfdt pipeline &#39;x y&#39;") || page.includes("./dfdt pipeline 'x y'"));

    // a test whose images were removed cannot be shown
    await Deno.remove(`${work}/x/normalize`, { recursive: true });
    await assert.rejects(findRun(dir), /found a test whose images or labels are gone/);
    await assert.rejects(findRun(`${work}/none`), /found no such folder/);
  }));

Deno.test("findRun() of a folder that segment left shows its masks, and says which queries are gone", () =>
  inFolder(async (out) => {
    const [, { load }] = ballCases(2, { classes: 1 });
    const { image, label } = await load();
    for (const [name, volume] of [["query", image], ["case_1", label], ["case_2", label]] as const) {
      await writeNifti(`${out}/${name}.nii.gz`, volume);
    }
    await writeNifti(`${out}/case_1_probability_a.nii.gz`, { ...label, data: Float32Array.from(label.data) });
    await Deno.writeTextFile(`${out}/volumes.csv`, "case,label,name,voxels,millilitres,slices,disagreement\n");
    await writeSegmentRecord(out, {
      command: ["segment"],
      ...{ folder: out, host: "h", startTime: "2020-01-01T00:00:00Z", endTime: "2020-01-01T00:01:00Z", versions: {} },
      classes: [{ name: "a", value: 1 }],
      queries: { case_1: "query.nii.gz", case_2: "gone.nii.gz" },
    });
    const page = await makePage((await findRun(out)).source);
    assert.match(page, /1 case segmented/);
    assert.match(
      page,
      /case (?:"|&quot;)case_2(?:"|&quot;) is not shown: its query (?:"|&quot;)\S+\/gone\.nii\.gz(?:"|&quot;) is gone/,
    );
    assert.match(page, /case_1, a, slice \d+/);
  }));
