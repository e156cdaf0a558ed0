import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeNifti } from "../src/imaging/files/nifti_file.ts";
import { saveModel } from "../src/model/model.ts";
import { untrainedModel } from "../src/model/untrained_model.ts";
import { blockCase, writeVolume } from "../src/testing/raw_cohort.ts";
import { inFolder } from "../src/testing/temporary_folder.ts";
import { tiny } from "./pipeline/command_line.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const PROGRAMS = [...Deno.readTextFileSync(join(ROOT, "README.md")).matchAll(/^```ts\n([^]*?)^```/gm)].map(([, code]) =>
  code
);

/** Runs a program with the project's settings in a folder. */
async function runProgram(dir: string, name: string, code: string) {
  await Deno.writeTextFile(join(dir, name), code);
  const { code: exitCode, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--check", "--config", join(ROOT, "deno.json"), name],
    cwd: dir,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(exitCode, 0, text(stdout) + text(stderr));
  return text(stdout);
}

Deno.test("the README's program makes a mask of a scan", () =>
  inFolder(async (dir) => {
    const [program] = PROGRAMS;
    assert.match(program, /segmentVolume/);
    using model = await untrainedModel({
      network: { image: 65, planes: 8, layers: [1, 1, 1, 1], classes: 10, channels: 32, parts: 5, embedding: 12 },
      recipe: [{ step: "fit", inPlaneMm: 1.2, sliceSpacingMm: null, side: 65 }, { step: "standardise" }],
      classes: [{ name: "spleen", value: 1 }],
      seed: 1,
    });
    await Deno.writeFile(join(dir, "model.safetensors"), await saveModel(model));
    const { image, label } = blockCase({ size: [48, 40, 4] });
    await writeNifti(join(dir, "labelled.nii.gz"), image);
    await writeNifti(join(dir, "label.nii.gz"), label);
    await writeNifti(join(dir, "scan.nii.gz"), blockCase({ size: [48, 40, 5], shift: 2 }).image);
    assert.match(await runProgram(dir, "program.ts", program), /^spleen: \d+\.\d ml\nlabel_2: \d+\.\d ml\n$/);
    assert.ok((await Deno.stat(join(dir, "mask.nii.gz"))).size > 0);
  }));

Deno.test("the README's experiment takes a data set of its own layout", () =>
  inFolder(async (dir) => {
    const [, experiment] = PROGRAMS;
    assert.match(experiment, /ownExperiment/);
    for (const [shift, id] of ["a", "b", "c"].entries()) {
      const { image, label } = blockCase({ shift });
      await writeVolume(join(dir, `data/scans/${id}.nii.gz`), image);
      await writeVolume(join(dir, `data/masks/${id}.nii.gz`), label);
    }
    const [, preset, ...settings] = tiny(65);
    const set = settings.filter((word) => word !== "--set");
    const options = {
      data: "data",
      work: "runs",
      preset,
      setting: "1",
      protocol: "published",
      fold: "0",
      seed: "1",
      set,
    };
    const output = await runProgram(
      dir,
      "experiment.ts",
      `${experiment.replace("export default", "const knees =")}
import { runExperiments } from "${new URL("../src/cli/run_experiment.ts", import.meta.url)}";
Deno.exit(await runExperiments([knees as never], ${
        JSON.stringify({ ...options, wait: true, until: "support" })
      } as never));`,
    );
    assert.match(output, /support "a"; segments "b", "c"/);
    assert.match(output, /done {4}support/);
  }));
