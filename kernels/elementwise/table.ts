/** A unary operator: WGSL expressions of a vec4f `x`, its value `y` and, for the derivative, both. */
export interface UnaryRow {
  /** The value. */
  value: string;
  /** The derivative, from `x` and `y`. */
  derivative: string;
}

/** All unary operators. `a` and `b` are the two numbers that `affine` takes. */
export const UNARY = {
  sigmoid: { value: "1.0 / (1.0 + exp(-x))", derivative: "y * (1.0 - y)" },
  relu: { value: "max(x, vec4f(0.0))", derivative: "select(vec4f(0.0), vec4f(1.0), x > vec4f(0.0))" },
  gelu: {
    value: "x * normalShare(x)",
    derivative: "normalShare(x) + x * 0.3989422804 * exp(-0.5 * x * x)",
  },
  square: { value: "x * x", derivative: "2.0 * x" },
  affine: { value: "a * x + b", derivative: "vec4f(a)" },
} satisfies Record<string, UnaryRow>;

/** A binary operator: WGSL expressions of vec4f `a` and `b`. */
export interface BinaryRow {
  /** The value. */
  value: string;
  /** Its derivative by `a`. */
  byA: string;
  /** Its derivative by `b`. */
  byB: string;
}

/** All binary operators. */
export const BINARY = {
  add: { value: "a + b", byA: "vec4f(1.0)", byB: "vec4f(1.0)" },
  subtract: { value: "a - b", byA: "vec4f(1.0)", byB: "vec4f(-1.0)" },
  multiply: { value: "a * b", byA: "b", byB: "a" },
  divide: { value: "a / b", byA: "1.0 / b", byB: "-a / (b * b)" },
} satisfies Record<string, BinaryRow>;
