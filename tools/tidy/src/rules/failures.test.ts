import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { failureProblems } from "./failures.ts";

const page = "docs/spec/failures.md";
const head = "| failure | where | shown by |\n|---|---|---|\n";
const titled = [
  'test("[MST1, MST2] something", () => {});',
  "it(",
  '  "[MST3] long",',
  ");",
  "// [MST4]",
  'it.each([["MST5", 1]])("[%s] each", () => {});',
].join("\n");

function rows(...cells: readonly string[]): string {
  return head + cells.map((cell) => `| It fell | others #1 | ${cell} |\n`).join("");
}

test("[TDY18] a failure is shown by tests or stories, or waits for something", () => {
  using planted = plant({
    [page]: rows("`MST1` `MST3` `MST5`", "`SIM30`", "waits for volumes", "`MST2`; waits for more"),
    "kernel/master/src/a.test.ts": titled,
    "proof/sim/src/golden/one.golden": "# [SIM30] a story\n",
  });
  expect(failureProblems(planted.house)).toEqual([]);
});

test("[TDY18] a failure that nothing shows is refused", () => {
  using planted = plant({
    [page]: rows("`MST1` `MST9`", "soon", "`MST4`"),
    "kernel/master/src/a.test.ts": titled,
  });
  expect(failureProblems(planted.house)).toMatchObject([
    { rule: "failures", path: page, line: 3, message: expect.stringContaining("MST9") },
    { line: 4, message: expect.stringContaining("waits for") },
    { line: 5, message: expect.stringContaining("MST4") },
  ]);
});
