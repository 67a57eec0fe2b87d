import fc from "fast-check";
import { expect, test } from "vitest";
import { compareText, formatTimestamp, parseTimestamp } from "./index.ts";
import { compileRe2, PATTERN_UNITS_MAX } from "./re2.ts";

test("formatTimestamp equals the platform's ISO text for every instant of the years 0 to 9999", () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
      const text = formatTimestamp(ms);
      expect(text).toBe(new Date(ms).toISOString());
      expect(parseTimestamp(text)).toBe(ms);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["2026-11-22T10:20:36.123Z", 1_795_342_836_123],
  ["2026-11-22T10:20:36.123456789Z", 1_795_342_836_123],
  ["2026-11-22t10:20:36z", 1_795_342_836_000],
  ["2026-11-22T12:20:36.5+02:00", 1_795_342_836_500],
  ["2026-11-22T05:50:36-04:30", 1_795_342_836_000],
  ["2024-02-29T00:00:00Z", 1_709_164_800_000],
])("parseTimestamp reads %s", (text, ms) => {
  expect(parseTimestamp(text)).toBe(ms);
});

test.each([
  "",
  "2026-11-22",
  "2026-13-01T00:00:00Z",
  "2026-02-29T00:00:00Z",
  "2026-01-01T24:00:00Z",
  "2026-01-01T00:00:00",
  "2026-01-01T00:00:00+25:00",
  "2026-01-01T00:00:00.Z",
])("parseTimestamp refuses %j", (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
});

test("compareText orders by code units, whatever the locale", () => {
  expect(["b", "a", "B", "ä", "a"].sort(compareText)).toEqual(["B", "a", "a", "b", "ä"]);
});

test("compileRe2 matches the whole text with `matches` and a part of it with `test`", () => {
  const compiled = compileRe2("rack-[0-9]+|dc");
  if (!compiled.ok) throw new Error(compiled.error.message);
  expect(compiled.value.matches("rack-12")).toBe(true);
  expect(compiled.value.matches("my rack-12")).toBe(false);
  expect(compiled.value.matches("dcx")).toBe(false);
  expect(compiled.value.test("my rack-12!")).toBe(true);
});

test.each([
  "(",
  "a(?=b)",
  "(?<!a)b",
  "(a)\\1",
  "[z-a]",
  "a{2000}",
  "x".repeat(PATTERN_UNITS_MAX + 1),
])("compileRe2 refuses %.20s", (pattern) => {
  const compiled = compileRe2(pattern);
  expect(compiled.ok ? "accepted" : compiled.error.code).toBe("INVALID_PATTERN");
});

test("a pattern that explodes in a backtracking engine answers in linear time", () => {
  const compiled = compileRe2("(a+)+b");
  expect(compiled.ok && compiled.value.matches("a".repeat(20_000))).toBe(false);
});
