import assert from "node:assert/strict";
import { copy, memoryUse, openDevice } from "../gpu/mod.ts";
import {
  differentiable,
  differentiate,
  empty,
  fromArray,
  fromArrays,
  isRecording,
  persist,
  reshape,
  roomForGradient,
  Scope,
  scoped,
  spent,
  type Tensor,
  toArray,
  toIntegers,
  withoutGradient,
  zeros,
} from "./mod.ts";

const vector = (...values: number[]) => fromArray(Float32Array.from(values), [values.length]);

/** A parameter with room for its gradient. */
function parameter(...values: number[]): Tensor {
  const tensor = vector(...values);
  tensor.tracked = true;
  tensor.gradient = zeros([values.length]);
  return tensor;
}

/** Hands its gradient on to both of its inputs. Its value is never read, so none is computed. */
const join = (a: Tensor, b: Tensor) => differentiable(empty(a.shape), [a, b], (gradY) => [gradY, gradY]);

Deno.test("a Scope frees what was made in it and not kept", async () => {
  await openDevice();
  const before = memoryUse().inUse;
  let kept: Tensor, lasting: Tensor, lost: Tensor;
  {
    using outer = new Scope();
    kept = scoped(() => {
      lost = vector(1);
      lasting = persist(vector(2));
      return vector(3);
    });
    assert.ok(lost!.released && !kept.released);
    outer.keep(kept);
  }
  assert.deepEqual([...await toArray(kept)], [3]);
  assert.deepEqual([...await toArray(lasting!)], [2]);
  assert.throws(() => lost!.buffer, /Cannot use a tensor \[1\] that was released/);
  kept.release();
  kept.release(); // harmless
  lasting!.release();
  assert.equal(memoryUse().inUse, before);
});

Deno.test("views share a buffer, which lives as long as the last of them", async () => {
  await openDevice();
  const before = memoryUse().inUse;
  const x = fromArray(Float32Array.from({ length: 128 }, (_, i) => i), [2, 64]);
  const row = x.view([64], 64);
  x.release();
  assert.equal((await toArray(row))[0], 64);
  assert.notEqual(memoryUse().inUse, before);
  row.release();
  assert.equal(memoryUse().inUse, before);
});

Deno.test("fromArray() keeps types and refuses a wrong number of values; reshape() too", async () => {
  await openDevice();
  using _scope = new Scope();
  assert.deepEqual([...await toIntegers(fromArray(Int32Array.of(-1, 2), [2]))], [-1, 2]);
  assert.throws(() => fromArray(new Float32Array(3), [2, 2]), /\[2,2\]: expected 4 values, found 3/);
  assert.throws(() => reshape(vector(1, 2), [3]), /Cannot reshape: expected 2 elements, found \[3\]/);
});

Deno.test("fromArrays() makes tensors of one buffer that can each be bound, and refuses a wrong number of values", async () => {
  await openDevice();
  using _scope = new Scope();
  const values = [0, 1, 2].map((k) => Float32Array.from({ length: 70 }, (_, i) => 100 * k + i));
  const tensors = fromArrays(values, [7, 10]);
  assert.equal(new Set(tensors.map(({ buffer }) => buffer)).size, 1);
  for (const [k, tensor] of tensors.entries()) {
    assert.equal(tensor.byteOffset % 256, 0);
    assert.deepEqual(await toArray(tensor), values[k]);
  }
  assert.throws(() => fromArrays([values[0], new Float32Array(3)], [7, 10]), /\[7,10\]: expected 70 values, found 3/);
});

Deno.test("differentiate() adds up the gradients of a tensor that is used more than once", async () => {
  await openDevice();
  using _scope = new Scope();
  const w = parameter(1, 1);
  const seed = () => vector(1, 2);
  differentiate(() => join(join(w, w), w), undefined, seed); // w counts three times
  assert.deepEqual([...await toArray(w.gradient!)], [3, 6]);
  differentiate(() => join(w, w), undefined, seed); // not cleared: added
  assert.deepEqual([...await toArray(w.gradient!)], [5, 10]);
  w.hasGradient = false;
  differentiate(() => reshape(w, [2]), undefined, seed); // cleared: written anew
  assert.deepEqual([...await toArray(w.gradient!)], [1, 2]);
});

/** Its gradient is written where `roomForGradient` says. */
const inRoom = (x: Tensor) =>
  differentiable(empty(x.shape), [x], (gradY) => {
    const room = roomForGradient(x);
    copy(gradY, room);
    return [room];
  });

Deno.test("roomForGradient() is a parameter's place among the gradients, whatever else uses it", async () => {
  await openDevice();
  using _scope = new Scope();
  const w = parameter(1, 1, 1, 1);
  const seed = () => vector(1, 2, 3, 4);
  const gradient = async (forward: () => Tensor) => {
    w.hasGradient = w.roomTaken = false;
    differentiate(forward, undefined, seed);
    return [...await toArray(w.gradient!)];
  };
  const times = (factor: number) => [1, 2, 3, 4].map((value) => factor * value);
  const view = () => reshape(w, [2, 2]), flat = (x: Tensor) => reshape(x, [4]);
  assert.deepEqual(await gradient(() => inRoom(w)), times(1));
  assert.deepEqual(await gradient(() => flat(inRoom(view()))), times(1));
  assert.deepEqual(await gradient(() => join(inRoom(w), inRoom(w))), times(2));
  assert.deepEqual(await gradient(() => join(flat(inRoom(view())), w)), times(2));
  assert.deepEqual(await gradient(() => join(w, flat(inRoom(view())))), times(2));
  assert.deepEqual(await gradient(() => join(inRoom(w), join(w, flat(inRoom(view()))))), times(3));
  const twice = () => {
    const one = view();
    return join(flat(inRoom(one)), join(w, flat(inRoom(one))));
  };
  assert.deepEqual(await gradient(twice), times(3));
  const crossed = () => { // the view's gradient waits while the parameter gets another one
    const one = view(), direct = inRoom(w);
    return join(flat(join(inRoom(one), one)), direct);
  };
  assert.deepEqual(await gradient(crossed), times(3));
  const odd = parameter(1, 1, 1);
  odd.gradient!.roomOf = undefined;
  assert.equal(roomForGradient(odd).roomOf, undefined, "whole vec4s only");
});

Deno.test("differentiate() frees activations and saved tensors as it walks back, but those that are retained", async () => {
  await openDevice();
  using _scope = new Scope();
  const w = parameter(1);
  const before = memoryUse().inUse;
  let middle: Tensor, saved: Tensor, other: Tensor, loss: Tensor;
  differentiate(
    () => {
      other = join(w, w);
      saved = vector(4);
      middle = differentiable(empty([1]), [other], (gradY) => [gradY], [saved]);
      return loss = join(middle, middle);
    },
    () => [middle],
  );
  assert.ok(other!.released && saved!.released && !middle!.released && !loss!.released);
  for (const tensor of [middle!, loss!]) tensor.release();
  assert.equal(memoryUse().inUse, before);
});

Deno.test("nothing is recorded in withoutGradient(), nor outside of differentiate(), and saved tensors are freed at once", async () => {
  await openDevice();
  using _scope = new Scope();
  const w = parameter(1);
  const saved = vector(1);
  assert.equal(differentiable(empty([1]), [w], () => [undefined], [saved]).tracked, false);
  assert.ok(saved.released);
  differentiate(() => {
    assert.ok(isRecording());
    const constant = withoutGradient(() => {
      assert.ok(!isRecording());
      return join(w, w);
    });
    assert.equal(constant.tracked, false);
    return join(constant, w);
  });
  assert.deepEqual([...await toArray(w.gradient!)], [1]);
  assert.throws(() => differentiate(() => (differentiate(() => w), w)), /Cannot differentiate inside/);
  assert.ok(!isRecording());
});

Deno.test("forget() frees the bytes until somebody asks; spent() forgets what has a recipe, or frees where nothing is recorded", async () => {
  await openDevice();
  using _scope = new Scope();
  const before = memoryUse().inUse;
  const y = empty([1000]);
  assert.throws(() => y.forget(), /Cannot forget a tensor \[1000\] without a recipe/);
  y.recipe = () => fromArray(new Float32Array(1000).fill(7), [1000]);
  y.forget();
  assert.equal(memoryUse().inUse, before);
  assert.ok(!y.released);
  assert.equal((await toArray(y))[999], 7);
  y.forget();
  y.release();
  assert.ok(y.released);
  assert.throws(() => y.buffer, /released/);

  const plain = empty([1]), free = empty([1]);
  const w = parameter(1);
  differentiate(() => {
    const cheap = join(w, w);
    cheap.recipe = () => empty([1]);
    spent(cheap);
    spent(plain);
    assert.ok(!cheap.released && !plain.released);
    return cheap;
  });
  spent(free);
  assert.ok(free.released);
});
