import type { House } from "../house.ts";
import type { Problem } from "../problem.ts";

/** Members of a test chain by which a test runs alone, not at all, or only sometimes. */
const selective = new Set(["only", "skip", "todo", "fails", "skipIf", "runIf"]);

/** TDY11: every test runs, always: none is focused, skipped, conditional or expected to fail. */
export function testsRunProblems(house: House): Problem[] {
  return house.rooms.flatMap((room) =>
    room.sources.flatMap((source) =>
      source.facts.testChains
        .filter(({ text }) => selective.has(text.split(".").at(-1) ?? ""))
        .map(({ text, line }) => ({
          rule: "tests-run",
          path: source.path,
          line,
          message: `${text}: every test runs; mend it or delete it`,
        })),
    ),
  );
}
