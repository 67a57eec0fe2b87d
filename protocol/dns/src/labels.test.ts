import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toLabel, toLabelRfc952, toLabels } from "./labels.ts";

// Pairs as the public tests of Mesos-DNS have them (records/labels).
const both: readonly (readonly [string, string])[] = [
  ["", ""],
  ["a", "a"],
  ["-", ""],
  ["a---", "a"],
  ["---a---", "a"],
  ["---a---b", "a---b"],
  ["a.b.c.d.e", "a-b-c-d-e"],
  ["a.c.d_de.", "a-c-d-de"],
  ["abc123", "abc123"],
  ["-abc123", "abc123"],
  ["abc123-", "abc123"],
  ["abc--123", "abc--123"],
  ["r29f.dev.angrypigs", "r29f-dev-angrypigs"],
];
const rfc952 = [
  ["4abc123", "abc123"],
  ["fd%gsf---gs7-f$gs--d7fddg-123", "fdgsf---gs7-fgs--d7fddg1"],
  ["89fdgsf---gs7-fgs--d7fddg---123", "fdgsf---gs7-fgs--d7fddg1"],
  ["89fdgsf---gs7-fgs--d7fddg-", "fdgsf---gs7-fgs--d7fddg"],
  ["chronos with a space AND MIXED CASE-2.0.1", "chronoswithaspaceandmixe"],
  ["hello--------------------------------------------------------f", "hellof"],
] as const;
const rfc1123 = [
  ["4abc123", "4abc123"],
  ["89fdgsf---gs7-fgs--d7fddg---123", "89fdgsf---gs7-fgs--d7fddg---123"],
  [
    "fd%gsf---gs7-f$gs--d7fddg123456789012345678901234567890123456789-123",
    "fdgsf---gs7-fgs--d7fddg1234567890123456789012345678901234567891",
  ],
  [
    "%%fdgsf---gs7-fgs--d7fddg123456789012345678901234567890123456789---123",
    "fdgsf---gs7-fgs--d7fddg1234567890123456789012345678901234567891",
  ],
  [
    "##fdgsf---gs7-fgs--d7fddg123456789012345678901234567890123456789-",
    "fdgsf---gs7-fgs--d7fddg123456789012345678901234567890123456789",
  ],
] as const;

describe("labels of names", () => {
  test.each([...both, ...rfc1123])("[DNS20] %j is %j by RFC 1123", (given, label) => {
    expect(toLabel(given)).toBe(label);
  });

  test.each([...both, ...rfc952])("[DNS20] %j is %j by RFC 952", (given, label) => {
    expect(toLabelRfc952(given)).toBe(label);
  });

  test("[DNS20] whatever is given becomes a label or nothing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string()), (given) => {
        expect(toLabel(given)).toMatch(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?$/);
        expect(toLabelRfc952(given)).toMatch(/^(?:[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?)?$/);
        expect(toLabel(toLabel(given))).toBe(toLabel(given));
      }),
    );
  });

  test.each([
    ["marathon.prod", "marathon.prod"],
    ["a..c.e", "a.c.e"],
    [".abc.", "abc"],
    ["(@ host . com", "host.com"],
    ["...", ""],
  ])("[DNS21] the framework %j is %j", (given, labels) => {
    expect(toLabels(given, toLabel)).toBe(labels);
  });
});
