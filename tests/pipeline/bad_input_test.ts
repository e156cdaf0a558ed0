import assert from "node:assert/strict";
import { join } from "node:path";
import { writeNifti } from "../../src/imaging/files/nifti_file.ts";
import { encodeNifti } from "../../src/imaging/io/nifti_encode.ts";
import type { Volume } from "../../src/imaging/volume.ts";
import { run } from "./command_line.ts";

const CASES = 11;

function scan(data: Volume["data"], { size = [6, 6, 4], spacing = [1, 1, 2] }: Partial<Volume> = {}): Volume {
  return { data, size, spacing, affine: [spacing[0], 0, 0, 0, 0, spacing[1], 0, 0, 0, 0, spacing[2], 0, 0, 0, 0, 1] };
}

const intensities = () => Float32Array.from({ length: 144 }, (_, i) => i);

/** A raw cohort in the layout of SABS, as small as can be windowed. */
async function writeCohort(dir: string): Promise<void> {
  for (const folder of ["img", "label"]) await Deno.mkdir(join(dir, folder), { recursive: true });
  for (let n = 1; n <= CASES; n++) {
    await writeNifti(image(dir, n), scan(intensities()));
    await writeNifti(label(dir, n), scan(new Uint8Array(144).fill(6, 50, 90)));
  }
}

// 0001 to 0010, then 0021, as SABS numbers them
const number = (n: number) => String(n <= 10 ? n : n + 10).padStart(4, "0");
const image = (dir: string, n: number) => join(dir, "img", `img${number(n)}.nii.gz`);
const label = (dir: string, n: number) => join(dir, "label", `label${number(n)}.nii.gz`);

function complexNifti(): Uint8Array<ArrayBuffer> {
  const bytes = encodeNifti(scan(new Float64Array(144)));
  const view = new DataView(bytes.buffer);
  view.setInt16(70, 32, true); // two 32-bit reals a voxel
  return bytes;
}

/** What is wrong with a cohort, and what the message says of it. */
const MISTAKES: [what: string, spoil: (dir: string) => Promise<void>, ...messages: RegExp[]][] = [
  [
    "an empty data folder",
    async (dir) => {
      await Deno.remove(dir, { recursive: true });
      await Deno.mkdir(dir);
    },
    /Cannot find scans in ".*": expected RawData\/Training\/img\/img0001\.nii\.gz/,
  ],
  [
    "a missing data folder",
    (dir) => Deno.remove(dir, { recursive: true }),
    /Cannot find the data folder ".*".*Give it by --data/,
  ],
  [
    "an image without label and a label without image",
    async (dir) => {
      await Deno.remove(label(dir, 2));
      await Deno.remove(image(dir, 5));
    },
    /2 problems/,
    /img0002\.nii\.gz": expected a label of number 2, found none/,
    /label0005\.nii\.gz": expected an image of number 5, found none/,
  ],
  [
    "labels on another grid",
    async (dir) => {
      await writeNifti(label(dir, 3), scan(new Uint8Array(180), { size: [6, 6, 5] }));
    },
    /label0003\.nii\.gz": expected the grid of its image, 6 × 6 × 4, found 6 × 6 × 5/,
  ],
  [
    "a cut-off .nii.gz and a cut-off .nii",
    async (dir) => {
      const packed = await Deno.readFile(image(dir, 1));
      await Deno.writeFile(image(dir, 1), packed.subarray(0, packed.length - 20));
      await Deno.remove(image(dir, 2));
      await Deno.writeFile(join(dir, "img/img0002.nii"), encodeNifti(scan(intensities())).subarray(0, 700));
    },
    /2 problems/,
    /img0001\.nii\.gz": expected a whole gzip file, found a cut-off or damaged one/,
    /img0002\.nii": expected 928 bytes \(6 × 6 × 4 voxels\), found 700: the file is cut off/,
  ],
  [
    "a file that is no NIfTI",
    (dir) => Deno.writeTextFile(image(dir, 7), "not a scan ".repeat(100)),
    /img0007\.nii\.gz": expected a NIfTI-1 or NIfTI-2 file, found a text file/,
  ],
  [
    "a volume without a finite voxel and a constant one",
    async (dir) => {
      await writeNifti(image(dir, 1), scan(intensities().fill(NaN)));
      await writeNifti(image(dir, 2), scan(intensities().fill(7)));
    },
    /2 cases cannot be used/,
    /img0001\.nii\.gz": expected finite voxels, found none/,
    /img0002\.nii\.gz": expected intensities that differ, found 7 in every voxel/,
  ],
  [
    "a complex volume",
    (dir) => Deno.writeFile(image(dir, 3), complexNifti()),
    /img0003\.nii\.gz": expected integers or real numbers, found complex voxels/,
  ],
  [
    "label values out of range",
    (dir) => writeNifti(label(dir, 9), scan(new Uint8Array(144).fill(77, 5, 6))),
    /label0009\.nii\.gz": expected label values 0, 1, 2, 3, 4, 5, 6, 7, …, found 77/,
  ],
];

Deno.test("pipeline refuses a support case without a tested class before it trains", async () => {
  const dir = await Deno.makeTempDir();
  try {
    for (const folder of ["imagesTr", "labelsTr"]) await Deno.mkdir(join(dir, folder));
    const about = { channel_names: { 0: "MRI" }, labels: { background: 0, left: 1, right: 2 }, file_ending: ".nii.gz" };
    await Deno.writeTextFile(join(dir, "dataset.json"), JSON.stringify(about));
    for (const [id, label2] of [["a", 1], ["b", 2]] as const) {
      await writeNifti(join(dir, `imagesTr/${id}_0000.nii.gz`), scan(intensities()));
      await writeNifti(join(dir, `labelsTr/${id}.nii.gz`), scan(new Uint8Array(144).fill(1, 0, 72).fill(label2, 72)));
    }
    const both = ["--set", "test.labels=[1,2]"];
    const args = ["pipeline", "custom", "--data", dir, "--work", join(dir, "work"), "--until", "support"];
    const { code, stderr } = await run(...args, ...both);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /Cannot test "right": expected the support case "a" to show every tested class/);
    assert.match(stderr, /case "b" shows "right": --set test\.support=b; --set test\.labels=\[1\] tests the others/);
    const left = await run(...args);
    assert.equal(left.code, 0, left.stderr);
    assert.match(left.stdout, /"right": left out, since the support case "a" does not show it/);
    assert.equal((await run(...args, "--set", "test.labels=[1]")).code, 0);
    // as good as no case has an admissible pair of slices: that ends, too
    const train = [...args.slice(0, -1), "train", "--set", "test.labels=[1]"];
    const untrained = await run(...train, "--set", "training.minArea=100000");
    assert.equal(untrained.code, 2, untrained.stderr);
    assert.match(
      untrained.stdout,
      /case a has no two neighbouring slices with a supervoxel of 100000 pixels; it is left out/,
    );
    assert.match(
      untrained.stderr,
      /Cannot train: expected a case with a supervoxel of at least 100000 pixels .* found none among 2/,
    );
    const wrong = await run(...args, "--set", "test.labels=[3]");
    assert.deepEqual([
      wrong.code,
      /Cannot test label 3: expected test\.labels among 1 \(left\), 2 \(right\)/.test(wrong.stderr),
    ], [
      2,
      true,
    ]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

for (const [what, spoil, ...messages] of MISTAKES) {
  Deno.test(`pipeline refuses ${what} with exit code 2 and says which file, and keeps nothing half-made`, async () => {
    const dir = await Deno.makeTempDir();
    const data = join(dir, "data"), work = join(dir, "work");
    try {
      await writeCohort(data);
      await spoil(data);
      const { code, stderr } = await run("pipeline", "phantom", "--data", data, "--work", work, "--until", "window");
      assert.equal(code, 2, stderr);
      for (const message of messages) assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n +at /);
      const cases = await Array.fromAsync(Deno.readDir(join(work, "phantom/window/cases"))).catch(() => []);
      assert.ok(cases.every(({ name }) => !name.endsWith(".partial")));
      // whatever is good is kept: the next run does not begin anew
      const unusable = Number(/(\d+) cases cannot be used/.exec(stderr)?.[1] ?? CASES);
      assert.ok(cases.filter(({ isDirectory }) => isDirectory).length >= CASES - unusable);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}
