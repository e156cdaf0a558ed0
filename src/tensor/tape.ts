import { copy, kernel } from "../gpu/mod.ts";
import { scoped } from "./scope.ts";
import sumSource from "./accumulate.wgsl" with { type: "text" };
import addSource from "./accumulate_in_place.wgsl" with { type: "text" };
import { empty, emptyLike, fromArray, type Tensor } from "./tensor.ts";

const sumKernel = kernel(sumSource, "accumulate");
const addKernel = kernel(addSource, "accumulateInPlace");

/** Gradients of an operator's inputs from that of its output; `undefined` where there is none. */
export type Backward = (gradY: Tensor) => (Tensor | undefined)[];

interface Operation {
  output: Tensor;
  inputs: readonly Tensor[];
  backward: Backward;
  saved: readonly Tensor[];
}

/** A part of the forward pass that is to be recorded again when the walk comes to it. */
interface Part {
  output: Tensor;
  again: () => Tensor;
}

type Entry = Operation | Part;

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

/**
 * Says that the forward pass reads a tensor no more. Where nothing is recorded it is freed; where something is, and it has a
 * recipe, its bytes are freed until the backward walk asks for them.
 */
export function spent(x: Tensor): void {
  if (!recording) x.release();
  else if (x.recipe) x.forget();
}

/**
 * Runs a part of a network whose inner tensors are not kept for the backward walk, but computed again by it.
 *
 * @param x the only tensor, besides parameters, that `body` reads and that needs a gradient
 * @param body gives the same result every time; `again` is true in the backward walk, when moving statistics must stay
 */
export function checkpoint(x: Tensor, body: (x: Tensor, again: boolean) => Tensor): Tensor {
  if (!recording) return body(x, false);
  const y = withoutGradient(() => scoped(() => body(x, false)));
  y.tracked = true;
  recording.push({ output: y, again: () => body(x, true) });
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
 * Where an operator writes the gradient of an input: for a parameter that has none yet its place among all gradients, which
 * saves a copy, else a tensor of its own. A parameter of no whole vec4s has no such place, since kernels write whole ones and
 * what lies behind it has to stay 0.
 *
 * @param x an input, or one of the same elements under another shape
 */
export function roomForGradient(x: Tensor): Tensor {
  const leaf = x.gradient ? x : x.leaf;
  if (!leaf?.gradient || leaf.hasGradient || leaf.roomTaken || leaf.size % 4 !== 0) return empty(x.shape, x.dtype);
  leaf.roomTaken = true;
  const room = leaf.gradient.view(x.shape);
  room.roomOf = leaf;
  return room;
}

/**
 * As {@link roomForGradient}, for an operator that can add: where the parameter's place holds something already, it gets that
 * place once more.
 *
 * @returns `place`, where the gradient goes; `onto`, whether it is to be added to what is there
 */
export function placeForGradient(x: Tensor): { place: Tensor; onto: boolean } {
  const leaf = x.gradient ? x : x.leaf;
  const onto = leaf?.roomTaken === true;
  if (!onto) return { place: roomForGradient(x), onto };
  const place = leaf!.gradient!.view(x.shape);
  place.roomOf = leaf;
  return { place, onto };
}

/** The gradients of a walk back, by the tensor that they are of, and how many tensors each of them is the gradient of. */
let walk: { gradients: Map<Tensor, Tensor>; holders: Map<Tensor, number> } | undefined;

/**
 * What has come to a tensor in this walk back, where it is that tensor's alone: an operator may add to it in place, and returns
 * it as the gradient of its input.
 *
 * @param x an input that is no parameter
 */
export function gradientSoFar(x: Tensor): Tensor | undefined {
  const gradient = walk?.gradients.get(x);
  return gradient && walk!.holders.get(gradient) === 1 && !gradient.isShared ? gradient : undefined;
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
  const { tape, result: loss } = record(forward);
  try {
    walkBack(tape, loss, seed(loss), new Set([loss, ...retain()]));
  } finally {
    walk = undefined;
  }
}

/** Records what `body` does as a tape of its own. */
function record(body: () => Tensor): { tape: Entry[]; result: Tensor } {
  const tape: Entry[] = recording = [];
  try {
    return { tape, result: body() };
  } finally {
    recording = undefined;
  }
}

function walkBack(tape: Entry[], loss: Tensor, seed: Tensor, retained: ReadonlySet<Tensor>): void {
  const gradients = new Map<Tensor, Tensor>();
  // One gradient tensor may be that of several tensors (a sum hands it on unchanged): it is freed after the last.
  const holders = new Map<Tensor, number>();
  walk = { gradients, holders };
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
    const entry = tape.pop()!;
    const { output } = entry;
    const gradY = gradients.get(output);
    if ("again" in entry) {
      // The part takes the place of its entry, so that gradients add up in the order that they would have without it.
      if (gradY) {
        const { tape: part, result } = record(entry.again);
        tape.push(...part);
        gradients.delete(output);
        gradients.set(result, gradY);
      }
      output.tracked = false;
      if (!retained.has(output)) output.release();
      continue;
    }
    const { inputs, backward, saved } = entry;
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
          const total = before && before !== gradient ? sum(before, gradient) : gradient;
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
  if (gradient.roomOf !== parameter) {
    if (parameter.hasGradient || parameter.roomTaken) addInPlace(gradient, target);
    else copy(gradient, target);
  }
  parameter.hasGradient = true;
}

/** `y += x`, without gradient. */
export function addInPlace(x: Tensor, y: Tensor): void {
  addKernel.dispatch({ sizes: { count: x.size }, x, y }, { threads: Math.ceil(x.size / 4) });
}

/** The sum of two gradients; in its place where one of them lies among the gradients of the parameters. */
function sum(a: Tensor, b: Tensor): Tensor {
  if (a.roomOf && a.roomOf === b.roomOf) return a; // one was added to the other when it was written
  const room = a.roomOf ? a : b.roomOf && b;
  if (room) {
    addInPlace(room === a ? b : a, room);
    return room;
  }
  const y = emptyLike(a);
  sumKernel.dispatch({ a, b, y }, { threads: Math.ceil(a.size / 4) });
  return y;
}
