import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

describe("the nearest name", () => {
  it.each([
    ["/wbe", ["/web", "/db"], "/web"],
    ["/webb", ["/web", "/webs"], "/web"],
    ["/shop/frontend", ["/shop/fronted", "/shop/backend"], "/shop/fronted"],
    ["/a", ["/b"], "/b"],
    ["/web", ["/completely/else"], undefined],
    ["", ["/web"], undefined],
    ["/web", [], undefined],
  ])("[CLI41] %s of %j is %s", (text, candidates, expected) => {
    expect(nearest(text, candidates)).toBe(expected);
  });
});
