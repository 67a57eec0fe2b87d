import fc from "fast-check";
import { expect, test } from "vitest";
import { base64Decode, base64Encode, utf8Decode, utf8Encode, utf8Length } from "./index.ts";

test("utf8Encode equals the platform's encoder for every text, lone surrogates included", () => {
  const anyUnits = fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), anyUnits), (text) => {
      expect(utf8Encode(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)));
      expect(utf8Length(text)).toBe(utf8Encode(text).length);
    }),
  );
});

test("utf8Decode equals the platform's decoder for every byte sequence", () => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const lead = fc.constantFrom(
    0x41,
    0x80,
    0xbf,
    0xc0,
    0xc2,
    0xe0,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0xff,
    0x9f,
    0xa0,
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.array(lead, { maxLength: 12 }).map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, (sample) => {
      expect(utf8Decode(sample)).toBe(decoder.decode(sample));
    }),
    { numRuns: 2000 },
  );
});

test("a long text of several chunks survives encode and decode", () => {
  const text = "a😀ü".repeat(10_000);
  expect(utf8Decode(utf8Encode(text))).toBe(text);
});

test("base64Encode equals Buffer's and decodes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const text = base64Encode(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(base64Decode(text)).toEqual(bytes);
    }),
  );
});

test.each([
  "A",
  "AA",
  "AAA",
  "AA=A",
  "A===",
  "====",
  "AB==",
  "AAB=",
  "AA==AA==",
  "A-_=",
  "AAA\n",
  "ÄÄÄÄ",
  "AA =",
])("base64Decode finds %j malformed", (text) => {
  expect(base64Decode(text)).toBeUndefined();
});
