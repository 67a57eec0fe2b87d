import { expect, test } from "vitest";
import { addTallies, emptyTally, formatTally, isGood } from "./tally.ts";

const failure = { name: "a.test.ts > adds", message: "expected 1 to be 2", logPath: "/x/unit.log" };

test("[TDY30] a good run ends with one line and nothing else", () => {
  expect(formatTally({ passed: 12, skipped: 0, failures: [] })).toBe("\n12 passed, 0 failed");
});

test("[TDY30] a bad run names what failed and where the log is, and ends with the same line", () => {
  expect(formatTally({ passed: 3, skipped: 2, failures: [failure] })).toBe(
    [
      "",
      "failed:",
      "  a.test.ts > adds",
      "    expected 1 to be 2",
      "    log: /x/unit.log",
      "",
      "3 passed, 1 failed, 2 skipped",
    ].join("\n"),
  );
});

test("[TDY33] what no test is to blame for is told with what was printed of it", () => {
  const details = ["Error: write EPIPE", " ❯ shell/send.ts:3:1"];
  expect(formatTally({ passed: 3, skipped: 0, failures: [{ ...failure, details }] })).toContain(
    "\n    expected 1 to be 2\n    | Error: write EPIPE\n    |  ❯ shell/send.ts:3:1\n    log: ",
  );
});

test.each([
  {
    what: "something passed and nothing failed",
    tally: { passed: 1, skipped: 0, failures: [] },
    good: true,
  },
  { what: "nothing ran", tally: emptyTally, good: false },
  { what: "all were skipped", tally: { passed: 0, skipped: 9, failures: [] }, good: false },
  { what: "one failed", tally: { passed: 9, skipped: 0, failures: [failure] }, good: false },
])("[TDY31] a run is good: $good when $what", ({ tally, good }) => {
  expect(isGood(tally)).toBe(good);
});

test("tallies add up", () => {
  const part = { passed: 1, skipped: 2, failures: [failure] };
  expect(addTallies(part, part)).toEqual({ passed: 2, skipped: 4, failures: [failure, failure] });
});
