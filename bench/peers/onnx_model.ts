/** An ONNX model of one operator, as the protobuf that a runtime reads (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */

/** Wire types of protobuf. */
const VARINT = 0, BYTES = 2;

/** Numbers of ONNX's enumerations. */
const FLOAT = 1, OF_INTS = 7, IR_VERSION = 8, OPSET = 13;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

const whole = (field: number, value: number) => [...varint(8 * field + VARINT), ...varint(value)];
const bytes = (field: number, value: readonly number[]) => [
  ...varint(8 * field + BYTES),
  ...varint(value.length),
  ...value,
];
const text = (field: number, value: string) => bytes(field, [...new TextEncoder().encode(value)]);

/** A tensor of floats among a graph's inputs or outputs. */
function valueInfo(name: string, shape: readonly number[]): number[] {
  const dimensions = shape.flatMap((size) => bytes(1, whole(1, size)));
  return [...text(1, name), ...bytes(2, bytes(1, [...whole(1, FLOAT), ...bytes(2, dimensions)]))];
}

const integers = (name: string, values: readonly number[]) => [
  ...text(1, name),
  ...values.flatMap((value) => whole(8, value)),
  ...whole(20, OF_INTS),
];

/**
 * A model whose inputs are `a` and `b` and whose output is `y`.
 *
 * @param operator `Conv` or `MatMul`
 * @param attributes lists of whole numbers by name
 */
export function onnxModel(
  operator: string,
  attributes: Readonly<Record<string, readonly number[]>>,
  shapes: Readonly<Record<"a" | "b" | "y", readonly number[]>>,
): Uint8Array {
  const node = [
    ...text(1, "a"),
    ...text(1, "b"),
    ...text(2, "y"),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(([name, values]) => bytes(5, integers(name, values))),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, "one operator"),
    ...bytes(11, valueInfo("a", shapes.a)),
    ...bytes(11, valueInfo("b", shapes.b)),
    ...bytes(12, valueInfo("y", shapes.y)),
  ];
  return Uint8Array.from([...whole(1, IR_VERSION), ...bytes(7, graph), ...bytes(8, whole(2, OPSET))]);
}
