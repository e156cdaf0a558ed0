/** An operator that was asked for: what who measures operators needs to ask for it again. */
export interface AskedWork {
  /** Its name. */
  readonly operator: string;
  /** What decides how long it takes. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Whether a gradient of each of its inputs will be wanted. */
  readonly tracked: readonly boolean[];
}

let listener: ((work: AskedWork) => void) | undefined;

/** Hears of every product and convolution that `body` asks for, in order. */
export function hearWork(heard: (work: AskedWork) => void, body: () => void): void {
  listener = heard;
  try {
    body();
  } finally {
    listener = undefined;
  }
}

/** Tells who listens what is asked for. */
export function askedFor(operator: string, sizes: AskedWork["sizes"], inputs: readonly { tracked: boolean }[]): void {
  listener?.({ operator, sizes, tracked: inputs.map(({ tracked }) => tracked) });
}
