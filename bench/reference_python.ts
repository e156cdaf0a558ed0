import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../src/errors.ts";
import { DEBIAN_PYTHON } from "../src/testing/needs.ts";
import { type Cost, FILES, stageParameters, type StageWork } from "./preprocessing_stages.ts";

/** How the reference's Python is called in tables. */
export const REFERENCE_PEER = "reference Python";

/** The modules of the reference that the program below imports. */
const MODULES = ["nifti.py", "sabs.py", "resample.py", "classmap.py", "supervoxels.py"];

/** Does with the reference's functions what a stage of ours does, on the same files, and prints the same JSON. */
const PROGRAM = `
import json, os, shutil, sys, time
work, parameters, files = (json.loads(text) for text in sys.argv[2:5])
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import classmap, nifti, numpy, sabs, supervoxels
def source(name): return os.path.join(work["from"], files[name])
def target(name): return os.path.join(work["to"], files[name])
def resized(affine, old, new):
    result = affine.copy()
    result[:3, :3] = affine[:3, :3] @ numpy.diag(numpy.array(new) / numpy.array(old))
    return result
start, cpu = time.perf_counter(), time.process_time()
if work["stage"] == "window":
    image, _, affine = nifti.read(source("image"))
    window = parameters["window"]
    nifti.write(target("image"), sabs.window(image, window["lowerHU"], window["upperHU"]), affine)
    shutil.copyfile(source("label"), target("label"))
elif work["stage"] == "resample":
    image, spacing, affine = nifti.read(source("image"))
    labels, _, _ = nifti.read(source("label"))
    image, labels, new = sabs.crop_and_resample(image, labels, spacing, **parameters["resample"])
    nifti.write(target("image"), image, resized(affine, spacing, new))
    nifti.write(target("label"), labels, resized(affine, spacing, new))
elif work["stage"] == "index":
    labels, _, _ = nifti.read(source("label"))
    for count in parameters["minPixels"]:
        with open(os.path.join(work["to"], f"classmap_{count}.json"), "w") as out:
            json.dump(classmap.classmap({"0": labels}, parameters["classes"], count), out)
else:
    image, spacing, affine = nifti.read(source("image"))
    nifti.write(target("superpix"), supervoxels.supervoxels(image, spacing, parameters["minVoxels"]), affine)
wall, cpu = time.perf_counter() - start, time.process_time() - cpu
try:
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
except OSError:
    peak = None
print(json.dumps({"wallMs": wall * 1000, "cpuMs": cpu * 1000, "peakMib": peak}))
`;

/**
 * Checks that a folder holds the reference's Python and that it runs here.
 *
 * @throws {UserError} if it holds something else or a package of Debian's is missing
 */
export async function checkReference(dir: string): Promise<void> {
  const missing = MODULES.filter((name) => !existsSync(join(dir, name)));
  if (missing.length > 0) {
    throw new UserError(
      "usage",
      `Cannot use --reference "${dir}": expected ${MODULES.join(", ")}, found no ${missing.join(", ")}`,
    );
  }
  const { success, stderr } = await new Deno.Command(DEBIAN_PYTHON, {
    args: ["-c", "import numpy, scipy, skimage, nibabel"],
    stdin: "null",
  }).output().catch((error: Error) => ({ success: false, stderr: new TextEncoder().encode(error.message) }));
  if (success) return;
  throw new UserError(
    "usage",
    `Cannot use --reference "${dir}": expected Debian's python3-numpy, python3-scipy, python3-skimage and ` +
      `python3-nibabel, found "${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}". Install them`,
  );
}

/**
 * What a stage costs with the reference's Python.
 *
 * @param dir the reference's `make` folder
 */
export async function referenceCost(dir: string, work: StageWork): Promise<Cost> {
  const args = [dir, JSON.stringify(work), JSON.stringify(stageParameters(work.size)), JSON.stringify(FILES)];
  return await costOf(DEBIAN_PYTHON, ["-c", PROGRAM, ...args]);
}

/** What a process says that it cost. */
export async function costOf(command: string, args: readonly string[]): Promise<Cost> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], stdin: "null" }).output();
  if (!success) throw new Error(`Cannot measure with ${command}: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
