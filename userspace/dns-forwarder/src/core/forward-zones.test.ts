import { describe, expect, test } from "vitest";
import { parseForwardZones } from "./forward-zones.ts";

describe("forward zones as they are configured", () => {
  test("[FWD30] a zone and its servers, with and without ports, IPv4 and IPv6", () => {
    expect(
      parseForwardZones([
        "Corp.Example.=10.0.0.1, 10.0.0.2:5353",
        "lab=fd00::1,[fd00::2],[fd00::3]:5353",
      ]),
    ).toEqual({
      ok: true,
      value: {
        "corp.example": [
          { address: "10.0.0.1", port: 53 },
          { address: "10.0.0.2", port: 5353 },
        ],
        lab: [
          { address: "fd00::1", port: 53 },
          { address: "fd00::2", port: 53 },
          { address: "fd00::3", port: 5353 },
        ],
      },
    });
    expect(parseForwardZones([])).toEqual({ ok: true, value: {} });
  });

  test.each([
    ["corp.example", /is to be written ZONE=ADDRESS/],
    ["=10.0.0.1", /is to be written ZONE=ADDRESS/],
    ["a..b=10.0.0.1", /is to be written ZONE=ADDRESS/],
    ["corp=", /zone corp: "" is no address/],
    ["corp=ns.corp", /"ns.corp" is no address/],
    ["corp=10.0.0.1:0", /is no address/],
    ["corp=10.0.0.1:70000", /is no address/],
    ["corp=[fd00::1", /is no address/],
  ])("[FWD30] %j is refused with what is wrong", (text, message) => {
    const result = parseForwardZones([text]);
    expect(result.ok ? "" : result.error.message).toMatch(message);
  });

  test("[FWD30] the same zone twice is refused", () => {
    expect(parseForwardZones(["a=10.0.0.1", "A.=10.0.0.2"]).ok).toBe(false);
  });
});
