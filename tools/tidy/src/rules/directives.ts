import type { House } from "../house.ts";
import type { Problem } from "../problem.ts";

/**
 * TDY13: who silences a guard says why: `oxlint-disable-next-line rule -- reason`. A whole file is
 * never silenced, and the compiler never.
 */
export function directiveProblems(house: House): Problem[] {
  return house.rooms.flatMap((room) =>
    room.sources.flatMap((source) =>
      source.facts.comments.flatMap(({ text, line }) =>
        refusalsOf(text.trim()).map((message) => ({
          rule: "directives",
          path: source.path,
          line,
          message,
        })),
      ),
    ),
  );
}

function refusalsOf(comment: string): string[] {
  if (/^@ts-(?:ignore|nocheck|expect-error)\b/.test(comment)) {
    return ["the compiler is never silenced: mend the type"];
  }
  if (!/^(?:oxlint|eslint)-disable/.test(comment)) return [];
  if (!/^oxlint-disable-(?:next-)?line\s/.test(comment)) {
    return ["silence one line, not more: oxlint-disable-next-line rule -- reason"];
  }
  return / -- \S+ \S+/.test(comment) ? [] : ["say why: oxlint-disable-next-line rule -- reason"];
}
