import assert from "node:assert/strict";
import { maskedChecksum, scalarsRecord, versionRecord } from "./tensorboard.ts";

interface Event {
  wallTime?: number;
  step?: number;
  version?: string;
  scalars: Record<string, number>;
}

/** The plain reader: framing with checksums, then every field of a protocol buffer in order. */
function readEvents(bytes: Uint8Array<ArrayBuffer>): Event[] {
  const events: Event[] = [];
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(view.getUint32(at + 8, true), maskedChecksum(bytes.slice(at, at + 8)));
    const data = bytes.slice(at + 12, at + 12 + length);
    assert.equal(view.getUint32(at + 12 + length, true), maskedChecksum(data));
    events.push(readEvent(data));
    at += 16 + length;
  }
  return events;
}

function fields(bytes: Uint8Array<ArrayBuffer>): [number: number, value: number | Uint8Array<ArrayBuffer>][] {
  const found: [number, number | Uint8Array<ArrayBuffer>][] = [];
  const view = new DataView(bytes.buffer);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    if ((key & 7) === 0) found.push([key >> 3, varint()]);
    else if ((key & 7) === 1) found.push([key >> 3, view.getFloat64((at += 8) - 8, true)]);
    else if ((key & 7) === 5) found.push([key >> 3, view.getFloat32((at += 4) - 4, true)]);
    else {
      assert.equal(key & 7, 2);
      const length = varint();
      found.push([key >> 3, bytes.slice(at, at += length)]);
    }
  }
  assert.equal(at, bytes.length);
  return found;
}

function readEvent(bytes: Uint8Array<ArrayBuffer>): Event {
  const event: Event = { scalars: {} };
  const text = (value: unknown) => new TextDecoder().decode(value as Uint8Array);
  for (const [number, value] of fields(bytes)) {
    if (number === 1) event.wallTime = value as number;
    if (number === 2) event.step = value as number;
    if (number === 3) event.version = text(value);
    if (number === 5) {
      for (const [, one] of fields(value as Uint8Array<ArrayBuffer>)) {
        const [[, tag], [, scalar]] = fields(one as Uint8Array<ArrayBuffer>);
        event.scalars[text(tag)] = scalar as number;
      }
    }
  }
  return event;
}

Deno.test("maskedChecksum() is the masked CRC-32C", () => {
  const mask = (crc: number) => ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
  assert.equal(maskedChecksum(new TextEncoder().encode("123456789")), mask(0xe3069283)); // the check value of CRC-32C
  assert.equal(maskedChecksum(new Uint8Array(32)), mask(0x8a9136aa)); // RFC 3720, B.4
});

Deno.test("scalarsRecord() and versionRecord() make what TensorBoard reads", () => {
  const scalars = { "loss/total": 0.1, "threshold/support": -13.5, "é": 3e38, zero: 0 };
  const parts = [
    versionRecord(),
    scalarsRecord(1, scalars),
    scalarsRecord(40000, {}),
    scalarsRecord(2 ** 40, { x: 1 }),
  ];
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  assert.deepEqual(readEvents(bytes), [
    { wallTime: 0, version: "brain.Event:2", scalars: {} },
    { wallTime: 1, step: 1, scalars: { ...scalars, "loss/total": Math.fround(0.1), "é": Math.fround(3e38) } },
    { wallTime: 40000, step: 40000, scalars: {} },
    { wallTime: 2 ** 40, step: 2 ** 40, scalars: { x: 1 } },
  ]);
  // Written by TensorBoard 2.21's RecordWriter: Event(wall_time=1, step=1, summary=Summary(value=[Value(tag="a", simple_value=2)]))
  const known = "1700000000000000e7cef81e" + "09000000000000f03f1001" + "2a0a0a080a01611500000040" + "6acdefe7";
  assert.equal([...scalarsRecord(1, { a: 2 })].map((byte) => byte.toString(16).padStart(2, "0")).join(""), known);
});
