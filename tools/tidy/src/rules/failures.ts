import type { House } from "../house.ts";
import { isTestPath } from "../layers.ts";
import type { Problem } from "../problem.ts";

const page = "docs/spec/failures.md";

/** IDs in the brackets of a title: `[DRF4] …`, `[DRF4, DRF5] …`. */
const citation = /\[((?:[A-Z]{2,6}\d+)(?:[,\s]+[A-Z]{2,6}\d+)*)\]/g;

/** An ID in the last cell of a row. */
const shownBy = /`([A-Z]{2,6}\d+)`/g;

/** An ID by itself in a table of `it.each`, from where it comes into titles. */
const inTable = /\["([A-Z]{2,6}\d+)",/g;

/** TDY18: each failure of others is answered by a rule that a story or a test's title cites, or says what it waits for. */
export function failureProblems(house: House): Problem[] {
  const text = house.files.find(({ path }) => path === page)?.text;
  if (text === undefined) return [];
  const cited = citedIds(house);
  const problems: Problem[] = [];
  const complain = (index: number, message: string): void => {
    problems.push({ rule: "failures", path: page, line: index + 1, message });
  };
  for (const [index, line] of text.split("\n").entries()) {
    if (!line.startsWith("| ") || line.startsWith("| failure |")) continue;
    const cell = line.split("|").at(-2) ?? "";
    const ids = [...cell.matchAll(shownBy)].map((match) => match[1] ?? "");
    if (ids.length === 0 && !cell.includes("waits for"))
      complain(index, "name the rules that show it, or what it waits for");
    for (const id of ids)
      if (!cited.has(id)) complain(index, `no story and no test's title cites ${id}`);
  }
  return problems;
}

function citedIds(house: House): ReadonlySet<string> {
  const cited = new Set<string>();
  const cite = (line: string): void => {
    for (const match of line.matchAll(citation))
      for (const id of (match[1] ?? "").split(/[,\s]+/)) cited.add(id);
  };
  for (const { path, text } of house.files) {
    if (path.endsWith(".golden")) cite(text.slice(0, text.indexOf("\n")));
    else if (isTestPath(path)) {
      for (const line of titles(text)) cite(line);
      for (const match of text.matchAll(inTable)) cited.add(match[1] ?? "");
    }
  }
  return cited;
}

/** Lines on which a test or a group of them may begin, and the next one, where a long title stands. */
function titles(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.filter((line, index) => isOpening(line) || isOpening(lines[index - 1] ?? ""));
}

function isOpening(line: string): boolean {
  return /\b(?:it|test|describe)\b/.test(line);
}
