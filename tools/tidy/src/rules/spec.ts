import type { House } from "../house.ts";
import { isTestPath } from "../layers.ts";
import type { Problem } from "../problem.ts";

/** A rule as `docs/spec` defines it: its ID first in a heading, list item, table row or paragraph. */
const definition =
  /^\s*(?:#+\s+|[-*]\s+|\d+\.\s+|\|\s*(?=[*`A-Z]))?(?:\*\*|`|\[)?([A-Z]{2,6}\d+)(?:\*\*|`|\]|:|\s*\||\s*[.—–-]|\s{2})/;

/** IDs cited by a test's title: `[DRF4] …`, `[DRF4, DRF5] …`. */
const citation = /\[((?:[A-Z]{2,6}\d+)(?:[,\s]+[A-Z]{2,6}\d+)*)\]/g;

/** TDY15: a rule has one definition in `docs/spec`, and tests cite only rules that stand there. */
export function specProblems(house: House): Problem[] {
  const problems: Problem[] = [];
  const definedAt = new Map<string, string>();
  for (const { path, text } of house.files) {
    if (!path.startsWith("docs/spec/") || !path.endsWith(".md")) continue;
    for (const [index, content] of text.split("\n").entries()) {
      const id = definition.exec(content)?.[1];
      if (id === undefined) continue;
      const place = `${path}:${index + 1}`;
      const earlier = definedAt.get(id);
      if (earlier === undefined) definedAt.set(id, place);
      else
        problems.push({
          rule: "spec",
          path,
          line: index + 1,
          message: `${id} is defined already at ${earlier}`,
        });
    }
  }
  for (const source of house.rooms.flatMap((room) => room.sources)) {
    if (!isTestPath(source.path)) continue;
    for (const [index, content] of source.text.split("\n").entries()) {
      if (!/\b(?:it|test|describe)\b/.test(content)) continue;
      for (const match of content.matchAll(citation)) {
        for (const id of (match[1] ?? "").split(/[,\s]+/)) {
          if (definedAt.has(id)) continue;
          problems.push({
            rule: "spec",
            path: source.path,
            line: index + 1,
            message: `${id} is cited but stands nowhere in docs/spec: write the rule first`,
          });
        }
      }
    }
  }
  return problems;
}
