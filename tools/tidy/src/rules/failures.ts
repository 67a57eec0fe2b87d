import { dirname, join } from "node:path";
import type { House } from "../house.ts";
import { isTestPath } from "../layers.ts";
import type { Problem } from "../problem.ts";

const page = "docs/spec/failures.md";

/** IDs in the brackets of a title: `[DRF4] …`, `[DRF4, DRF5] …`. */
const citation = /\[((?:[A-Z]{2,6}\d+)(?:[,\s]+[A-Z]{2,6}\d+)*)\]/g;

/** An ID in the cell of what shows a failure. */
const shownBy = /`([A-Z]{2,6}\d+)`/g;

/** A story in the last cell of a row: a link to its file. */
const storyLink = /\]\(([^)]+\.golden)\)/g;

/** Where what a failure waits for is said instead. */
const reason = /waits for \w/;

/** An ID by itself in a table of `it.each`, from where it comes into titles. */
const inTable = /\["([A-Z]{2,6}\d+)",/g;

/**
 * TDY18: each failure of others is answered by rules that a story or a test's title cites, and by the file of a story that
 * cites one of them in its first line; or says what it waits for.
 */
export function failureProblems(house: House): Problem[] {
  const text = house.files.find(({ path }) => path === page)?.text;
  if (text === undefined) return [];
  const cited = citedIds(house);
  const stories = idsOfStories(house);
  const problems: Problem[] = [];
  const complain = (index: number, message: string): void => {
    problems.push({ rule: "failures", path: page, line: index + 1, message });
  };
  for (const [index, line] of text.split("\n").entries()) {
    if (!line.startsWith("| ") || line.startsWith("| failure |")) continue;
    const [shown = "", story = ""] = line.split("|").slice(-3, -1);
    const ids = [...shown.matchAll(shownBy)].map((match) => match[1] ?? "");
    if (ids.length === 0 && !reason.test(story))
      complain(index, "name the rules that show it, or what it waits for");
    for (const id of ids)
      if (!cited.has(id)) complain(index, `no story and no test's title cites ${id}`);
    for (const message of storyProblems(story, ids, stories)) complain(index, message);
  }
  return problems;
}

/** What is wrong with the stories of one row. */
function storyProblems(
  cell: string,
  ids: readonly string[],
  stories: ReadonlyMap<string, readonly string[]>,
): string[] {
  const paths = [...cell.matchAll(storyLink)].map(([, link]) => join(dirname(page), link ?? ""));
  if (paths.length === 0 && !reason.test(cell)) {
    return ["link the file of a story, or say what the story waits for"];
  }
  return paths.flatMap((path) => {
    const own = stories.get(path);
    if (own === undefined) return [`there is no story ${path}`];
    return own.some((id) => ids.includes(id)) ? [] : [`${path} cites no rule of this row`];
  });
}

/** The IDs in the first line of each story, by its path. */
function idsOfStories(house: House): ReadonlyMap<string, readonly string[]> {
  const stories = house.files.filter(({ path }) => path.endsWith(".golden"));
  return new Map(stories.map(({ path, text }) => [path, idsIn(text.slice(0, text.indexOf("\n")))]));
}

function idsIn(line: string): readonly string[] {
  return [...line.matchAll(citation)].flatMap((match) => (match[1] ?? "").split(/[,\s]+/));
}

function citedIds(house: House): ReadonlySet<string> {
  const cited = new Set<string>();
  const cite = (line: string): void => {
    for (const id of idsIn(line)) cited.add(id);
  };
  for (const ids of idsOfStories(house).values()) for (const id of ids) cited.add(id);
  for (const { path, text } of house.files) {
    if (isTestPath(path)) {
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
