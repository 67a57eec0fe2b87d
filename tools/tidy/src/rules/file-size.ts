import type { House } from "../house.ts";
import { isTestPath } from "../layers.ts";
import type { Problem } from "../problem.ts";

/** A file of code longer than this holds two ideas. */
const linesMax = 400;

/** A test file is a table: it may be longer. */
const testLinesMax = 600;

/** Files that hold one idea in more lines, and why. */
const justified: Readonly<Record<string, string>> = {};

/** TDY12: no file of code is longer than 400 lines (tests: 600); generated files are left out. */
export function fileSizeProblems(
  house: House,
  reasons: Readonly<Record<string, string>> = justified,
): Problem[] {
  const problems: Problem[] = [];
  const tooLong = new Set<string>();
  for (const { path, text } of house.rooms.flatMap((room) => room.sources)) {
    const lineCount = text.split("\n").length - 1;
    if (path.includes("/src/gen/") || lineCount <= (isTestPath(path) ? testLinesMax : linesMax))
      continue;
    tooLong.add(path);
    if (path in reasons) continue;
    problems.push({
      rule: "file-size",
      path,
      message: `${lineCount} lines: it holds two ideas, part them`,
    });
  }
  for (const path of Object.keys(reasons)) {
    if (tooLong.has(path)) continue;
    problems.push({ rule: "file-size", path, message: "not too long any more: remove its reason" });
  }
  return problems;
}
