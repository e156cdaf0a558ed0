/** A number from two maps: WGSL expressions of an element `a`, `b` of each, the number `option`, and the sums `t`. */
export interface ScoreRow {
  /** What is summed, a vec4f, from `a`, `b` and `option`. */
  terms: string;
  /** The score, from `t`. */
  value: string;
  /** Its derivative by an element `a`, from `a`, `b`, `t` and `option`; `undefined` for a score that none flows through. */
  slope?: string;
  /** The same by `b`; `undefined` if it is a constant. */
  slopeOfB?: string;
}

const OVERLAP = "vec4f(a * b, a, b, 0.0)";
const DICE = "1.0 - (2.0 * t.x + 1.0) / (t.y + t.z + 1.0)";
const DICE_SLOPE = "((2.0 * t.x + 1.0) / (t.y + t.z + 1.0) - 2.0 * b) / (t.y + t.z + 1.0)";

/** All scores. */
export const SCORES = {
  likelihood: {
    terms: "vec4f(weight(b, option) * surprise(a, b), weight(b, option), 0.0, 0.0)",
    value: "t.x / t.y",
    slope: "weight(b, option) * surpriseSlope(a, b) / t.y",
  },
  dice: { terms: OVERLAP, value: DICE, slope: DICE_SLOPE },
  diceOfLogistic: {
    terms: OVERLAP.replaceAll(/\ba\b/g, "logistic(a)"),
    value: DICE,
    slope: `logistic(a) * (1.0 - logistic(a)) * ${DICE_SLOPE}`,
  },
  overlap: { terms: OVERLAP, value: "2.0 * t.x / (t.y + t.z + 1e-7)" },
  squaredDistance: {
    terms: "vec4f((a - b) * (a - b), 1.0, 0.0, 0.0)",
    value: "t.x / t.y",
    slope: "2.0 * (a - b) / t.y",
    slopeOfB: "2.0 * (b - a) / t.y",
  },
} satisfies Record<string, ScoreRow>;
