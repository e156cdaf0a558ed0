/** A coded concept (DICOM PS3.3, 8.8). */
export interface DicomCode {
  /** Coding scheme, for example SCT. */
  scheme: string;
  /** Its code for the concept. */
  code: string;
  /** The concept in words. */
  meaning: string;
}

/** What a segment shows. */
export interface SegmentCodes {
  /** Of which kind it is (CID 7150). */
  category: DicomCode;
  /** What it is. */
  type: DicomCode;
  /** On which side it is, of a paired organ (CID 244). */
  modifier?: DicomCode;
}

const sct = (code: string, meaning: string): DicomCode => ({ scheme: "SCT", code, meaning });

/** Kind of everything that has a code of its own. */
export const ANATOMICAL_STRUCTURE: DicomCode = sct("123037004", "Anatomical Structure");

/** Kind and type of everything else. */
export const TISSUE: DicomCode = sct("85756007", "Tissue");

/** Sides of paired organs. */
export const SIDES: Readonly<Record<"left" | "right", DicomCode>> = {
  left: sct("7771000", "Left"),
  right: sct("24028007", "Right"),
};

/**
 * Organs by their usual names, those of the published data sets among them; codes and meanings are those of DICOM's context
 * groups 7151 and, for the myocardium, 12305. A test compares them with pydicom's dictionary of the standard.
 */
export const ORGANS: readonly (readonly [names: readonly string[], type: DicomCode])[] = [
  [["liver"], sct("10200004", "Liver")],
  [["spleen"], sct("78961009", "Spleen")],
  [["kidney"], sct("64033007", "Kidney")],
  [["gallbladder", "gall bladder"], sct("28231008", "Gallbladder")],
  [["esophagus", "oesophagus"], sct("32849002", "Esophagus")],
  [["stomach"], sct("69695003", "Stomach")],
  [["pancreas"], sct("15776009", "Pancreas")],
  [["adrenal gland", "ag"], sct("23451007", "Adrenal gland")],
  [["aorta"], sct("15825003", "Aorta")],
  [["inferior vena cava", "ivc", "postcava"], sct("64131007", "Inferior vena cava")],
  [["heart"], sct("80891009", "Heart")],
  [
    ["left ventricle", "lv", "lv bp", "left ventricular blood pool", "left ventricular cavity"],
    sct("87878005", "Left Ventricle"),
  ],
  [
    ["right ventricle", "rv", "rv bp", "right ventricular blood pool", "right ventricular cavity"],
    sct("53085002", "Right ventricle"),
  ],
  [["left atrium", "la"], sct("82471001", "Left Atrium")],
  [["right atrium", "ra"], sct("73829009", "Right Atrium")],
  [
    ["lv myo", "lv myocardium", "left ventricle myocardium", "left ventricular myocardium"],
    sct("49848007", "Left Ventricle Myocardium"),
  ],
];

/** Organs of which there are two. */
const PAIRED: ReadonlySet<string> = new Set(["64033007", "23451007"]);

/** How names say a side, as a word of their own or as the letter before or after an abbreviation. */
const SIDE_WORDS: Readonly<Record<string, "left" | "right">> = { left: "left", l: "left", right: "right", r: "right" };

/**
 * The codes of a class by its name: an organ of {@link ORGANS}, on a side where the name has one (`right kidney`, `kidney_right`,
 * `RK`, `AG_R`), else tissue.
 */
export function codesOf(name: string): SegmentCodes {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const whole = organ(words);
  if (whole) return { category: ANATOMICAL_STRUCTURE, type: whole };
  const parted = words.length === 1 && /^[lr]k$/.test(words[0]) ? [words[0][0], "kidney"] : words;
  const side = parted.find((word) => word in SIDE_WORDS);
  const type = side && organ(parted.filter((word) => word !== side));
  if (!type || !PAIRED.has(type.code)) return { category: TISSUE, type: TISSUE };
  return { category: ANATOMICAL_STRUCTURE, type, modifier: SIDES[SIDE_WORDS[side]] };
}

function organ(words: readonly string[]): DicomCode | undefined {
  return ORGANS.find(([names]) => names.includes(words.join(" ")))?.[1];
}
