import type { House } from "./house.ts";
import type { Problem } from "./problem.ts";
import { changelogProblems } from "./rules/changelog.ts";
import { coreProblems } from "./rules/cores.ts";
import { cycleProblems } from "./rules/cycles.ts";
import { declaredProblems } from "./rules/declared.ts";
import { directiveProblems } from "./rules/directives.ts";
import { doorProblems } from "./rules/doors.ts";
import { failureProblems } from "./rules/failures.ts";
import { fileNameProblems } from "./rules/file-names.ts";
import { fileSizeProblems } from "./rules/file-size.ts";
import { lockfileProblems } from "./rules/lockfile.ts";
import { oneVersionProblems } from "./rules/one-version.ts";
import { rankProblems } from "./rules/rank.ts";
import { roomShapeProblems } from "./rules/room-shape.ts";
import { siblingProblems } from "./rules/siblings.ts";
import { specProblems } from "./rules/spec.ts";
import { syntaxProblems } from "./rules/syntax.ts";
import { testsRunProblems } from "./rules/tests-run.ts";
import { wordProblems } from "./rules/words.ts";

/** A law of the house: what it finds wrong in a checkout. */
export type Law = (house: House) => Problem[];

/** All laws, by the name under which `docs/spec/tidy.md` describes them. */
export const laws: Readonly<Record<string, Law>> = {
  syntax: syntaxProblems,
  rank: rankProblems,
  siblings: siblingProblems,
  declared: declaredProblems,
  doors: doorProblems,
  cycles: cycleProblems,
  cores: coreProblems,
  "room-shape": roomShapeProblems,
  "one-version": oneVersionProblems,
  "file-names": fileNameProblems,
  words: wordProblems,
  "tests-run": testsRunProblems,
  "file-size": (house) => fileSizeProblems(house),
  directives: directiveProblems,
  changelog: changelogProblems,
  spec: specProblems,
  failures: failureProblems,
  lockfile: lockfileProblems,
};

/** Everything that is wrong in the house, sorted by place. */
export function breaches(house: House): Problem[] {
  return Object.values(laws)
    .flatMap((law) => law(house))
    .toSorted((a, b) =>
      a.path === b.path ? (a.line ?? 0) - (b.line ?? 0) : a.path < b.path ? -1 : 1,
    );
}
