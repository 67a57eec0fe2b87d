import { describe, expect, it } from "vitest";
import { parseLabelSelector } from "./label-selector.ts";

const labels = { team: "core", tier: "front end", empty: "" };

describe("parseLabelSelector", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["team", true],
    ["absent", false],
    ["team==core", true],
    ["team == other", false],
    ["team!=other", true],
    ["absent!=x", false],
    ["team in (a, core)", true],
    ["team in (a,b)", false],
    ["team notin (a,b)", true],
    ["absent notin (a)", false],
    ["team==core,absent", false],
    ["team==core , empty", true],
    ["tier==front\\ end", true],
    ["toString", false],
  ];
  for (const [selector, expected] of cases) {
    it(`[APP10] ${selector}`, () => {
      const parsed = parseLabelSelector(selector);
      expect(parsed.ok && parsed.value(labels)).toBe(expected);
    });
  }

  for (const selector of ["==x", "a in", "a in (b", "a like b", "a,,b", "a=b"]) {
    it(`[APP10] refuses ${selector}`, () => {
      expect(parseLabelSelector(selector).ok).toBe(false);
    });
  }
});
