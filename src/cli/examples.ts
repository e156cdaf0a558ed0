/** Commands that people start with, by task: arguments and what they do. */
export const EXAMPLES: Readonly<Record<string, readonly (readonly [args: string, about: string])[]>> = {
  pipeline: [
    ["phantom", "synthetic scans, from raw files to scores"],
    ["custom --data path/to/Dataset", "your own data in nnU-Net's raw layout"],
    ["sabs --fold all --watch", "all folds, with a page that follows them"],
    ["sabs cmr --setting 1,2 --fold all --seed 1,2,3", "many runs, shared stages once, one table"],
    ["sabs --fold all --executor slurm --slurm-partition gpu --detach", "the whole graph as jobs of Slurm"],
    ["phantom --dry-run", "what would be made, and why"],
    ["phantom --set training.steps=200 --seed 1", "other values"],
    ["phantom --where test", "the folder of a stage's files"],
  ],
  phantom: [
    ["--out data/sabs", "eleven scans in the layout of SABS"],
    ["--layout cmr --out data/cmr --size 128 --slices 8", "smaller ones, of hearts"],
    ["--layout nnunet --out cohort --cases 50 --labelled 1 --one-slice", "few labels among many scans, for custom"],
  ],
  verify: [
    ["custom --data path/to/Dataset", "what is wrong with your own data, before anything is computed"],
    ["sabs --preset paper", "the published set, for the published size"],
  ],
  segment: [
    [
      "--model runs/custom/train/KEY --support-image a.nii.gz --support-label a_label.nii.gz --query scans --out masks",
      "a folder of scans, from one labelled one",
    ],
    [
      "--model model.safetensors --support-image a.nii.gz --support-label a_label.nii.gz --label 5=liver --query dicom " +
      "--dicom-seg --out masks",
      "a DICOM series, one class of the support's, and a DICOM segmentation",
    ],
  ],
  report: [
    ["runs/phantom", "the page of the last run, finished or not"],
    ["runs/phantom/test/KEY1 runs/phantom/test/KEY2", "two tests side by side"],
    ["before/sabs after/sabs --out comparison.html", "two runs side by side"],
  ],
  page: [
    ["", "dist/dfdt.html, to be opened by a double click, with a model of synthetic scans"],
    ["--model runs/custom/train/KEY/model.safetensors --out liver.html", "with your own model, to hand on"],
  ],
  watch: [
    ["", "follows the last run below runs/"],
    ["/shared/runs/sabs", "somebody else's run, or that of another machine"],
  ],
  parity: [
    ["tests/fixtures/network", "every tensor of every fixture, worst first"],
    ["tests/fixtures/network small --json", "one fixture, for a program"],
  ],
  inspect: [
    ["runs/phantom/train/KEY/model.safetensors", "configuration, parameters, provenance"],
    ["runs/phantom/test/KEY", "what made an artifact"],
  ],
  export: [["model.safetensors --out model.pth", "for PyTorch, with the published names"]],
  replay: [["runs/phantom/train/KEY.partial --step 120", "that step again, with its values"]],
  bench: [
    ["ops", "the operators, beside PyTorch"],
    ["network --json bench.json", "a training step and an inference"],
  ],
  package: [
    ["", "dist/dfdt-VERSION.tgz, which npm installs"],
    ["--out /tmp", "the same elsewhere"],
  ],
  status: [
    ["", "what runs in ./runs, and in Slurm for it"],
    ["runs/sabs --json", "the same of one experiment, for programs"],
  ],
  sbom: [
    ["--out sbom.json", "every package with version, licence and hash"],
    ["--licences", "a table of licences"],
  ],
  fuzz: [
    ["", "a thousand mutated files of every format"],
    ["png dicom --count 10000 --seed 7 --keep faults", "other files of two formats, those at fault kept"],
  ],
  clean: [
    ["", "what no run has read or made for 30 days"],
    ["--days 7 --yes", "removes what has not been needed for a week"],
  ],
  doctor: [["", "adapter, driver, memory, disk, data folders"]],
  completions: [
    ["bash >~/.local/share/bash-completion/completions/dfdt", "for bash-completion"],
    ["zsh >~/.zfunc/_dfdt", "where ~/.zfunc is in $fpath"],
    ["fish >~/.config/fish/completions/dfdt.fish", "for fish"],
  ],
  test: [
    ["", "the whole suite"],
    ["src/imaging --filter window", "a part of it"],
    ["--system", "what needs servers, browsers or long runs"],
  ],
  check: [["", "formatting, lint, types, documentation, imports"]],
};

/** What the help of a task ends with; nothing for one without examples. */
export function examplesHelp(task: string): string {
  const examples = EXAMPLES[task] ?? [];
  if (examples.length === 0) return "";
  const lines = examples.map(([args, about]) => `  # ${about}\n  ./dfdt ${`${task} ${args}`.trim()}`);
  return `\n${examples.length === 1 ? "Example" : "Examples"}:\n${lines.join("\n")}`;
}
