import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { writeNifti } from "../../src/imaging/files/nifti_file.ts";
import { encodeColourPng } from "../../src/imaging/io/png.ts";
import { RunRecorder } from "../../src/pipeline/mod.ts";
import { currentSegmentPage, findRun, makePage, writeSegmentPage } from "../../src/report/mod.ts";
import { scanDigest } from "../../src/segmentation/scan_digest.ts";
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

Deno.test("the page of a folder that segment left shows scans where they were, or are said to be, if they are the same", () =>
  inFolder(async (work) => {
    const out = `${work}/masks`, [, { load }] = ballCases(2, { classes: 1 });
    const { image, label } = await load();
    await Deno.mkdir(`${out}/sheets`, { recursive: true });
    await writeNifti(`${work}/scan.nii.gz`, image);
    await writeNifti(`${work}/other.nii.gz`, { ...image, data: image.data.map((value) => value + 1) });
    const volumes = [{ label: 1, name: "a b", voxels: 5, millilitres: 1, slices: 2, disagreement: 0.25 }];
    for (const id of ["case_1", "case_2", "case_3"]) {
      await writeNifti(`${out}/${id}.nii.gz`, label);
      await Deno.writeFile(
        `${out}/sheets/${id}.png`,
        encodeColourPng({ width: 1, height: 1, data: new Uint8Array(3) }),
      );
      const record = {
        ...{ format: "dfdt-segmentation/1", query: await scanDigest(`${work}/scan.nii.gz`), supports: [], model: "m" },
        ...{ options: {}, classes: volumes, files: {}, outside: 0, warnings: [] },
      };
      await Deno.writeTextFile(`${out}/${id}.json`, JSON.stringify(record));
    }
    await writeNifti(`${out}/case_1_probability_a_b.nii.gz`, { ...label, data: Float32Array.from(label.data) });
    const made = {
      ...{ command: "./dfdt segment", versions: {}, stages: [], warnings: ["odd"] },
      scans: { case_1: `${work}/scan.nii.gz`, case_2: `${work}/scan.nii.gz` },
    };
    const path = await writeSegmentPage(out, made);
    assert.equal(path, `${out}/index.html`);
    const first = await Deno.readTextFile(path);
    assert.match(first, /2 cases segmented/);
    assert.match(first, /case_1, a b, slice \d+/);
    assert.match(
      first,
      /case (?:"|&quot;)case_3(?:"|&quot;) is shown as a sheet alone: it is not known where its scan lies/,
    );
    assert.equal(await currentSegmentPage(out), path);

    // made again: the command is still known, one scan is another by now, the third is where it is said to be
    await Deno.rename(`${work}/scan.nii.gz`, `${work}/moved.nii.gz`);
    const { page, source } = await findRun(out, {
      scans: { case_2: `${work}/other.nii.gz`, case_3: `${work}/moved.nii.gz` },
    });
    assert.deepEqual([page, source.segmented?.map(({ id }) => id)], [path, ["case_3"]]);
    assert.deepEqual(source.sheets?.map(({ title }) => title), ["case case_1", "case case_2"]);
    const { command, warnings } = source.provenance!;
    assert.deepEqual([command, warnings[0]], ["./dfdt segment", "odd"]);
    assert.match(warnings.join("\n"), /case_1.*scan\.nii\.gz" is gone[^]*case_2.*other\.nii\.gz" is another scan/);

    await Deno.writeTextFile(`${out}/case_2.json`, await Deno.readTextFile(`${out}/case_1.json`)); // made anew
    assert.equal(await currentSegmentPage(out), undefined);
    await Deno.writeTextFile(path, "somebody's page");
    await assert.rejects(writeSegmentPage(out, made), /index\.html": expected a free name/);
  }));
