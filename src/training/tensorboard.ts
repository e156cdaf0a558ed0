/**
 * TensorBoard's event files: records in TFRecord framing, each an `Event` protocol buffer. The packages that write them are
 * no longer kept or bring all of TensorFlow along, and only two kinds of event are needed.
 */

/** Path of the file in a run's folder. The name holds no time and no host, so that equal runs leave equal files. */
export const EVENT_FILE = "tensorboard/events.out.tfevents.0.dfdt";

/** The record that every file begins with. */
export function versionRecord(): Uint8Array<ArrayBuffer> {
  return record(join([wallTime(0), field(3, bytesField("brain.Event:2"))]));
}

/**
 * The scalars of a step. Its time is the number of the step, in seconds: a clock would make equal runs differ.
 *
 * @param scalars by tag; TensorBoard groups tags by what stands before the first `/`
 */
export function scalarsRecord(step: number, scalars: Readonly<Record<string, number>>): Uint8Array<ArrayBuffer> {
  const values = Object.entries(scalars).map(([tag, value]) => {
    const simpleValue = new Uint8Array(5);
    simpleValue[0] = 2 << 3 | FIXED32;
    new DataView(simpleValue.buffer).setFloat32(1, value, true);
    return field(1, bytesField(join([field(1, bytesField(tag)), simpleValue])));
  });
  return record(join([wallTime(step), field(2, varint(step), VARINT), field(5, bytesField(join(values)))]));
}

// Wire types of protocol buffers.
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

function wallTime(seconds: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(9);
  result[0] = 1 << 3 | FIXED64;
  new DataView(result.buffer).setFloat64(1, seconds, true);
  return result;
}

function field(number: number, content: Uint8Array, wireType = BYTES): Uint8Array<ArrayBuffer> {
  return join([Uint8Array.of(number << 3 | wireType), content]);
}

function bytesField(content: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return join([varint(bytes.length), bytes]);
}

/** Seven bits a byte, the lowest first, the highest bit set on all but the last. */
function varint(value: number): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return Uint8Array.from([...bytes, value]);
}

/** Length (u64), its checksum, the data, their checksum. */
function record(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(data.length + 16);
  const view = new DataView(result.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, maskedChecksum(result.subarray(0, 8)), true);
  result.set(data, 12);
  view.setUint32(12 + data.length, maskedChecksum(data), true);
  return result;
}

/** CRC-32C by the table below, turned by 15 bits and shifted, as TFRecord wants it. */
export function maskedChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff];
  crc = ~crc >>> 0;
  return ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
}

/** Castagnoli's polynomial, reversed: 0x82F63B78. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
