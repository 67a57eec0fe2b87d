import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { failureProblems } from "./failures.ts";

const page = "docs/spec/failures.md";
const head = "| failure | where | shown by | story |\n|---|---|---|---|\n";
const link = "[one](../../proof/sim/src/golden/one.golden)";
const titled = [
  'test("[MST1, MST2] something", () => {});',
  "it(",
  '  "[MST3] long",',
  ");",
  "// [MST4]",
  'it.each([["MST5", 1]])("[%s] each", () => {});',
].join("\n");

function rows(...cells: readonly (readonly [shown: string, story: string])[]): string {
  return head + cells.map((cell) => `| It fell | others #1 | ${cell.join(" | ")} |\n`).join("");
}

test("[TDY18] a failure is shown by tests and a story, or waits for something", () => {
  using planted = plant({
    [page]: rows(
      ["`MST1` `MST3` `MST5` `SIM30`", link],
      ["`SIM30`", `${link}, ${link}`],
      ["", "waits for volumes"],
      ["`MST2`", "waits for more"],
    ),
    "kernel/master/src/a.test.ts": titled,
    "proof/sim/src/golden/one.golden": "# [SIM30] a story\n",
  });
  expect(failureProblems(planted.house)).toEqual([]);
});

test("[TDY18] a failure that nothing shows is refused", () => {
  using planted = plant({
    [page]: rows(["`MST1` `MST9`", "waits for x"], ["", "soon"], ["`MST4`", "waits for x"]),
    "kernel/master/src/a.test.ts": titled,
  });
  expect(failureProblems(planted.house)).toMatchObject([
    { rule: "failures", path: page, line: 3, message: expect.stringContaining("MST9") },
    { line: 4, message: expect.stringContaining("waits for") },
    { line: 4, message: expect.stringContaining("link the file") },
    { line: 5, message: expect.stringContaining("MST4") },
  ]);
});

test("[TDY18] a failure without a story, or with one that is not there or of another rule, is refused", () => {
  using planted = plant({
    [page]: rows(
      ["`MST1`", ""],
      ["`MST1`", "[two](../../proof/sim/src/golden/two.golden)"],
      ["`MST1`", link],
    ),
    "kernel/master/src/a.test.ts": titled,
    "proof/sim/src/golden/one.golden": "# [SIM30] a story\n",
  });
  expect(failureProblems(planted.house)).toMatchObject([
    { line: 3, message: expect.stringContaining("link the file") },
    { line: 4, message: expect.stringContaining("no story proof/sim/src/golden/two.golden") },
    { line: 5, message: expect.stringContaining("cites no rule of this row") },
  ]);
});
