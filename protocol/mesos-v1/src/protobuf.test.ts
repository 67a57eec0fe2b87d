import { describe, expect, test } from "vitest";
import {
  fromProtobuf,
  messages,
  msOfNanoseconds,
  nanosecondsOf,
  toJson,
  toProtobuf,
} from "./index.ts";

describe("Protocol Buffers", () => {
  test("[MV13] unknown fields survive reading, copying and writing", () => {
    const newer = Uint8Array.of(10, 1, 0x61, 0x58, 7, 0xfa, 1, 2, 9, 9);
    const read = fromProtobuf(messages.TaskID, newer);
    expect(read.ok && toProtobuf(messages.TaskID, { ...read.value })).toEqual(newer);
    expect(read.ok && toJson(messages.TaskID, read.value)).toBe('{"value":"a"}');
  });

  test("[MV13] an enum number that is not known survives too", () => {
    const newer = Uint8Array.of(8, 99);
    const read = fromProtobuf(messages.MasterCall, newer);
    expect(read).toMatchObject({ ok: true });
    expect(read.ok && read.value.type).toBeUndefined();
    expect(read.ok && toProtobuf(messages.MasterCall, read.value)).toEqual(newer);
  });

  test("[MV12] repeated scalars are read packed and unpacked, and written unpacked", () => {
    const unpacked = Uint8Array.of(0x08, 0x50, 0x20, 0xc8, 0x01, 0x20, 0xac, 0x02);
    const packed = Uint8Array.of(0x08, 0x50, 0x22, 4, 0xc8, 0x01, 0xac, 0x02);
    const expected = { ok: true, value: { port: 80, statuses: [200, 300] } };
    expect(fromProtobuf(messages.HealthCheckHTTPCheckInfo, unpacked)).toEqual(expected);
    expect(fromProtobuf(messages.HealthCheckHTTPCheckInfo, packed)).toEqual(expected);
    const message = { port: 80, statuses: [200, 300] };
    expect(toProtobuf(messages.HealthCheckHTTPCheckInfo, message)).toEqual(unpacked);
  });

  test("[MV12] parts of one message are merged, the last scalar counts", () => {
    const halves = Uint8Array.of(0x0a, 2, 8, 7, 0x0a, 2, 0x10, 9);
    expect(fromProtobuf(messages.Device, Uint8Array.of(0x12, 2, 8, 7, 0x12, 2, 0x10, 9))).toEqual({
      ok: true,
      value: { number: { major_number: 7, minor_number: 9 } },
    });
    expect(fromProtobuf(messages.Device, halves).ok).toBe(true);
  });

  test("[MV4] missing required fields are refused on reading and a bug on writing", () => {
    expect(fromProtobuf(messages.Device, Uint8Array.of(0x12, 2, 8, 7))).toEqual({
      ok: false,
      error: { code: "MISSING_REQUIRED", message: "Missing required fields: number.minor_number" },
    });
    expect(() => toProtobuf(messages.TaskID, {} as never)).toThrow(
      "mesos.v1.TaskID.value is required",
    );
  });

  test("[MV8] too deep a nesting is refused, not a crash", () => {
    let bytes = Uint8Array.of(10, 1, 0x61);
    for (let depth = 0; depth < 200; depth += 1) {
      const length =
        bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
      bytes = Uint8Array.of(10, 1, 0x61, 0x12, ...length, ...bytes);
    }
    expect(fromProtobuf(messages.ContainerID, bytes)).toMatchObject({
      error: { code: "TOO_DEEP" },
    });
  });

  test("[MV15] a body of nothing but unknown fields is read in proportion to its length", () => {
    const bytes = new Uint8Array(400_000);
    for (let at = 0; at < bytes.length; at += 2) bytes.set([0x78, 1], at);
    const read = fromProtobuf(messages.Labels, bytes);
    expect(read.ok && toProtobuf(messages.Labels, read.value)).toEqual(bytes);
  });
});

test("[MV6] times keep what a number of milliseconds can say", () => {
  expect(nanosecondsOf(1_795_340_747_071.5)).toBe(1795340747071500000n);
  expect(nanosecondsOf(5000)).toBe(5_000_000_000);
  expect(msOfNanoseconds(1795340747071932928n)).toBeCloseTo(1_795_340_747_071.9329, 3);
});
