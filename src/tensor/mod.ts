export { expectShape } from "./expect_shape.ts";
export { outerRange, reshape } from "./reshape.ts";
export { currentScope, type Owned, persist, Scope, scoped } from "./scope.ts";
export {
  addInPlace,
  type Backward,
  checkpoint,
  differentiable,
  differentiate,
  gradientSoFar,
  isRecording,
  placeForGradient,
  roomForGradient,
  spent,
  withoutGradient,
} from "./tape.ts";
export {
  BINDABLE,
  type DType,
  elements,
  empty,
  emptyLike,
  fromArray,
  fromArrays,
  type HostArray,
  type Shape,
  Tensor,
  toArray,
  toArrays,
  toIntegers,
  zeros,
} from "./tensor.ts";
