/**
 * What a user's mistake becomes. The command line prints the message without a stack trace and exits with
 * {@link UserError.exitCode}.
 *
 * A message names the file or key, what was expected, what was found, and the way out where there is one.
 */
export class UserError extends Error {
  /** Name of the class. */
  override name = "UserError";

  /** Makes an error of a kind, with its message. */
  constructor(
    /** `usage`: command line or configuration; `data`: a file of the user's; `adapter`: no usable WebGPU adapter. */
    readonly kind: "usage" | "data" | "adapter",
    message: string,
  ) {
    super(message);
  }

  /** 2 for usage and data, 3 for a missing adapter (docs/command-line.md, "Exit codes"). */
  get exitCode(): 2 | 3 {
    return this.kind === "adapter" ? 3 : 2;
  }
}

/** Tensors whose shapes do not fit an operation: a programming error (exit code 1). */
export class ShapeError extends Error {
  /** Name of the class. */
  override name = "ShapeError";
}
