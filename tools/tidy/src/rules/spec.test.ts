import { expect, test } from "vitest";
import { plant } from "../plant.ts";
import { specProblems } from "./spec.ts";

const spec = [
  "# Rules",
  "",
  "- **MST1** A stale offer is refused.",
  "- `MST2` An agent is admitted once.",
  "### MST3: pings",
  "| MST4 | a row |",
  "**MST5** A line of its own.",
  "Prose may speak of MST1 and MST2.",
].join("\n");
const path = "kernel/master/src/a.test.ts";

function title(ids: string): string {
  return `test("[${ids}] something", () => {});\n`;
}

test("[TDY15] a test may cite rules in every form in which they are written", () => {
  using planted = plant({
    "docs/spec/master.md": spec,
    [path]: title("MST1") + title("MST2, MST3") + title("MST4") + title("MST5"),
  });
  expect(specProblems(planted.house)).toEqual([]);
});

test("[TDY15] citing a rule that stands nowhere is refused", () => {
  using planted = plant({ "docs/spec/master.md": spec, [path]: title("MST1, MST9") });
  expect(specProblems(planted.house)).toMatchObject([
    { rule: "spec", path, line: 1, message: expect.stringContaining("MST9") },
  ]);
});

test("[TDY15] a rule that is defined twice is refused", () => {
  using planted = plant({ "docs/spec/master.md": spec, "docs/spec/agent.md": "- **MST1** again" });
  expect(specProblems(planted.house)).toMatchObject([{ message: expect.stringContaining("MST1") }]);
});
