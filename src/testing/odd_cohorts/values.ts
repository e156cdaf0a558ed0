import { describeCohort } from "../raw_cohort.ts";
import { mapped, type OddCohort, second, small, writePlain } from "./write.ts";

/** Intensities and labels as people have them. */
export const ODD_VALUES: readonly OddCohort[] = [
  {
    what: "a CT stored 1024 above HU",
    write: (dir) => writePlain(dir, { offset: 1024 }),
    says: [/a CT in HU has air below -500\. Are these HU\?/, /--set data\.windowHU=\[899,1299\]/],
  },
  {
    what: "a channel whose name hides a CT",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { channel_names: { 0: "Computed Tomography" } });
    },
    says: [/look like HU, but go through the percentile cut: is it a CT\?/],
  },
  {
    what: "voxels that are not finite",
    write: (dir) =>
      second(dir, ({ image, label }) => ({
        image: mapped(image, (value, i) => i < 10 ? NaN : i === 10 ? -Infinity : value),
        label: mapped(label, (value, i) => i < 3 ? NaN : value),
      })),
    says: [
      /11 of 19200 voxels are not finite .* they become the lowest finite value, -1000/,
      /3 of 19200 voxels .* background/,
    ],
    isPlain: true,
  },
  {
    what: "a constant image",
    write: (dir) => second(dir, ({ image, label }) => ({ image: mapped(image, () => 40), label })),
    refused: true,
    says: [/case_002_0000\.nii\.gz": expected /],
  },

  // labels
  {
    what: "labels 0 and 255, and gaps",
    async write(dir) {
      await writePlain(dir, { values: [255, 7] });
      await describeCohort(dir, { labels: { background: 0, one: 255, two: 7 } });
    },
    silent: /^warning/m,
  },
  {
    what: "labels off by rounding",
    write: (dir) =>
      second(dir, ({ image, label }) => ({ image, label: mapped(label, (value) => value * 0.9999999996) })),
    says: [/label values 0\.9999999996, 1\.9999999992 are taken for the whole numbers next to them/],
    isPlain: true,
  },
  {
    what: "a soft mask",
    write: (dir) => second(dir, ({ image, label }) => ({ image, label: mapped(label, (value) => value * 0.37) })),
    refused: true,
    says: [/found 0\.37, 0\.74\. A soft mask .* is no label: threshold it/],
  },
  {
    what: "a value that dataset.json does not name",
    write: (dir) =>
      second(dir, ({ image, label }) => ({ image, label: mapped(label, (value) => value === 2 ? 5 : value) })),
    refused: true,
    says: [/expected label values 0, 1, 2, found 5\. Name every value in "labels" of dataset\.json/],
  },
  {
    what: "an ignore label",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { labels: { background: 0, one: 1, ignore: 2 } });
    },
    silent: /ignore \d/,
  },
  {
    what: "regions",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { labels: { background: 0, one: [1, 2], two: 2 } });
    },
    refused: true,
    says: [/expected one value for every class in "labels", found a region, \[1,2\], for "one"/],
  },
  {
    what: "class names in another script",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { labels: { background: 0, 肝臓: 1, 脾臓: 2 } });
    },
    says: [/^(ok|fold)/m],
    silent: /^warning/m,
  },
  {
    what: "an organ that resampling loses",
    write: (dir) => small(dir),
    says: [
      /class "two" is lost: of 1 voxels none is left/,
      /"two": left out, since the support case "case_001" does not show it/,
    ],
  },
  {
    what: "the same, named by the user",
    write: (dir) => small(dir),
    args: ["--set", "test.labels=[two]"],
    refused: true,
    says: [/"two" has 1 voxels in the file, none after resampling: .*would keep it/],
  },
  {
    what: "a class that no case shows",
    async write(dir) {
      await writePlain(dir);
      await describeCohort(dir, { labels: { background: 0, one: 1, two: 2, three: 3 } });
    },
    args: ["--set", "test.labels=[2,3]"],
    refused: true,
    says: [/no labelled case shows "three"; --set test\.labels=\[2\] tests the others/],
  },
];
