import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRecord, RecordDecoder } from "./index.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const bytes = (value: string): Uint8Array => Buffer.from(value, "utf8");

test("[HTP20] a record is its length in bytes, a newline and its bytes", () => {
  expect(text(encodeRecord('{"type":"HEARTBEAT"}'))).toBe('20\n{"type":"HEARTBEAT"}');
  expect(text(encodeRecord("ü"))).toBe("2\nü");
  expect(text(encodeRecord(new Uint8Array(0)))).toBe("0\n");
});

test("[HTP21] records survive arbitrary chunk boundaries", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1, maxLength: 40 }),
      (records, sizes) => {
        const stream = Buffer.concat(records.map(encodeRecord));
        const decoder = new RecordDecoder();
        const decoded: Uint8Array[] = [];
        let at = 0;
        for (let turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length]!;
          const result = decoder.push(stream.subarray(at, at + size));
          if (!result.ok) throw new Error(result.error.message);
          decoded.push(...result.value);
          at += size;
        }
        expect(decoded.map((record) => [...record])).toEqual(records.map((record) => [...record]));
        expect(decoder.isBetweenRecords).toBe(true);
      },
    ),
  );
});

test.each([
  ["a", "BAD_RECORD_LENGTH"],
  ["\n", "BAD_RECORD_LENGTH"],
  ["-1\n", "BAD_RECORD_LENGTH"],
  ["+1\nx", "BAD_RECORD_LENGTH"],
  [" 1\nx", "BAD_RECORD_LENGTH"],
  ["1\r\nx", "BAD_RECORD_LENGTH"],
  ["1234567890123456\n", "BAD_RECORD_LENGTH"],
  ["101\n", "RECORD_TOO_LARGE"],
  ["2\nab{", "BAD_RECORD_LENGTH"],
])("[HTP22] %j is refused as %s, for ever", (stream, code) => {
  const decoder = new RecordDecoder(100);
  const codeOf = (result: ReturnType<RecordDecoder["push"]>): string =>
    result.ok ? "ok" : result.error.code;
  expect(codeOf(decoder.push(bytes(stream)))).toBe(code);
  expect(codeOf(decoder.push(bytes("1\nx")))).toBe(code);
});

test("[HTP23] a stream that ends inside a record, or inside a length, is known to be cut off", () => {
  for (const part of ["5", "5\n", "5\nab"]) {
    const decoder = new RecordDecoder();
    decoder.push(bytes(part));
    expect(decoder.isBetweenRecords).toBe(false);
  }
});
