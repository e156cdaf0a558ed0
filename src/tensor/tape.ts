import { copy, kernel } from "../gpu/mod.ts";
import sumSource from "./accumulate.wgsl" with { type: "text" };
import addSource from "./accumulate_in_place.wgsl" with { type: "text" };
import { emptyLike, fromArray, type Tensor } from "./tensor.ts";

const sumKernel = kernel(sumSource, "accumulate");
const addKernel = kernel(addSource, "accumulateInPlace");

/** Gradients of an operator's inputs from that of its output; `undefined` where there is none. */
export type Backward = (gradY: Tensor) => (Tensor | undefined)[];

interface Entry {
  output: Tensor;
  inputs: readonly Tensor[];
  backward: Backward;
  saved: readonly Tensor[];
}

let recording: Entry[] | undefined;

/** True while operators are recorded, so that they need to save what their backward reads. */
export function isRecording(): boolean {
  return recording !== undefined;
}

/**
 * Records an operator for the backward walk, if its output depends on a tracked tensor.
 *
 * @param y the output
 * @param inputs what the output depends on
 * @param backward the gradients of the inputs, in their order; it may return `gradY` itself
 * @param saved tensors that only `backward` reads, freed after it has run (at once if nothing is recorded)
 */
export function differentiable(
  y: Tensor,
  inputs: readonly Tensor[],
  backward: Backward,
  saved: readonly Tensor[] = [],
): Tensor {
  if (recording && inputs.some((input) => input.tracked)) {
    y.tracked = true;
    recording.push({ output: y, inputs, backward, saved });
  } else {
    for (const tensor of saved) tensor.release();
  }
  return y;
}

/** Runs `body` without recording: what it returns is a constant for the tape. */
export function withoutGradient<T>(body: () => T): T {
  const outer = recording;
  recording = undefined;
  try {
    return body();
  } finally {
    recording = outer;
  }
}

/**
 * Records `forward`, then walks back from the scalar that it returns and adds the gradients to the parameters
 * (`gradient`, `hasGradient`). An activation is freed as soon as its backward has run, unless it is in `retain`.
 *
 * @param forward returns the loss, `[1]`
 * @param retain called after `forward`: the tensors that the caller still reads afterwards
 * @param seed makes the gradient of what `forward` returns; 1 unless given
 */
export function differentiate(
  forward: () => Tensor,
  retain: () => readonly Tensor[] = () => [],
  seed: (loss: Tensor) => Tensor = (loss) => fromArray(Float32Array.of(1), loss.shape),
): void {
  if (recording) throw new Error("Cannot differentiate inside of differentiate()");
  const tape: Entry[] = recording = [];
  let loss: Tensor;
  try {
    loss = forward();
  } finally {
    recording = undefined;
  }
  walkBack(tape, loss, seed(loss), new Set([loss, ...retain()]));
}

function walkBack(tape: Entry[], loss: Tensor, seed: Tensor, retained: ReadonlySet<Tensor>): void {
  const gradients = new Map<Tensor, Tensor>();
  // One gradient tensor may be that of several tensors (a sum hands it on unchanged): it is freed after the last.
  const holders = new Map<Tensor, number>();
  const hold = (gradient: Tensor) => holders.set(gradient, (holders.get(gradient) ?? 0) + 1);
  const drop = (gradient: Tensor) => {
    const left = holders.get(gradient)! - 1;
    holders.set(gradient, left);
    if (left === 0) {
      holders.delete(gradient);
      gradient.release();
    }
  };
  gradients.set(loss, seed);
  hold(seed);
  while (tape.length > 0) {
    const { output, inputs, backward, saved } = tape.pop()!;
    const gradY = gradients.get(output);
    if (gradY) {
      gradients.delete(output);
      const result = backward(gradY);
      for (const gradient of new Set(result)) if (gradient) hold(gradient);
      for (const [i, input] of inputs.entries()) {
        const gradient = result[i];
        if (!gradient || !input.tracked) continue;
        if (input.gradient) addToParameter(input, gradient);
        else {
          const before = gradients.get(input);
          const total = before ? sum(before, gradient) : gradient;
          hold(total);
          if (before) drop(before);
          gradients.set(input, total);
        }
      }
      for (const gradient of new Set(result)) if (gradient) drop(gradient);
      drop(gradY);
    }
    for (const tensor of saved) tensor.release();
    output.tracked = false;
    if (!retained.has(output)) output.release();
  }
}

function addToParameter(parameter: Tensor, gradient: Tensor): void {
  const target = parameter.gradient!;
  const { size } = gradient;
  if (parameter.hasGradient) {
    addKernel.dispatch({ sizes: { elements: size }, x: gradient, y: target }, { threads: Math.ceil(size / 4) });
  } else copy(gradient, target);
  parameter.hasGradient = true;
}

function sum(a: Tensor, b: Tensor): Tensor {
  const y = emptyLike(a);
  sumKernel.dispatch({ a, b, y }, { threads: Math.ceil(a.size / 4) });
  return y;
}
