import type { House } from "../house.ts";
import type { Problem } from "../problem.ts";

/** TDY17: every TypeScript file parses; otherwise no other law can judge it. */
export function syntaxProblems(house: House): Problem[] {
  return house.rooms.flatMap((room) =>
    room.sources.flatMap(({ path, facts }) =>
      facts.syntaxError === undefined
        ? []
        : [{ rule: "syntax", path, message: `does not parse: ${facts.syntaxError}` }],
    ),
  );
}
