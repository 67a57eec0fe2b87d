import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { cycleProblems, findCycles } from "./cycles.ts";

test("[TDY5] a circle of three rooms is named once", () => {
  using planted = plant({
    "foundation/a/src/x.ts": 'import { door } from "@tutti/b";',
    "foundation/b/src/x.ts": 'import { door } from "@tutti/c";',
    "foundation/c/src/x.ts": 'import type { door } from "@tutti/a";',
  });
  expect(cycleProblems(planted.house)).toMatchObject([
    {
      rule: "cycles",
      message: expect.stringContaining("foundation/a → foundation/b → foundation/c → foundation/a"),
    },
  ]);
});

test("[TDY5] a test closes no circle", () => {
  using planted = plant({
    "foundation/base/src/x.test.ts": 'import { door } from "@tutti/testkit";',
    "foundation/testkit/src/x.ts": 'import { door } from "@tutti/base";',
  });
  expect(cycleProblems(planted.house)).toEqual([]);
});

test("[TDY5] two circles through one room are both found", () => {
  const graph = new Map([
    ["a", new Set(["b", "c"])],
    ["b", new Set(["a"])],
    ["c", new Set(["a"])],
  ]);
  expect(findCycles(graph)).toEqual([
    ["a", "b"],
    ["a", "c"],
  ]);
});
