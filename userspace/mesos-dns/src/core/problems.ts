import { givenName } from "@tutti/dns";
import type { NameIndex } from "./name-index.ts";
import { limits } from "./limits.ts";

/** Names that became one label, or none: told where the names are shown. */
export interface NameProblem {
  readonly code: "NAMES_COLLAPSE" | "NAME_EMPTY";
  /** The DNS name that several share, or "" when nothing of a name remained. */
  readonly name: string;
  /** Names as they were given. */
  readonly given: readonly string[];
  readonly message: string;
}

/** What is wrong with names now; at most `limits.problemsMax`. Tasks that share a name on purpose are no problem. */
export function findProblems(index: NameIndex, domain: string): NameProblem[] {
  const problems: NameProblem[] = [];
  const add = (problem: NameProblem): boolean => {
    problems.push(problem);
    return problems.length >= limits.problemsMax;
  };
  for (const labels of index.names.frameworkLabels()) {
    const names = distinct(index.names.frameworksOf(labels).map((fact) => fact.name));
    if (names.length > 1 && add(collapse(`${labels}.${domain}`, names))) return problems;
  }
  for (const [base, tasks] of index.names.bases()) {
    if (tasks.length === 1) continue;
    const names = distinct(tasks.map(givenName));
    if (names.length > 1 && add(collapse(`${base}.${domain}`, names))) return problems;
  }
  for (const task of index.names.tasks.values()) {
    if (index.label(givenName(task)) === "" && add(empty(givenName(task)))) return problems;
  }
  return problems;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].slice(0, limits.problemNamesMax);
}

function collapse(name: string, given: readonly string[]): NameProblem {
  const list = given.map((one) => `"${one}"`).join(", ");
  return {
    code: "NAMES_COLLAPSE",
    name,
    given,
    message: `${list} all become the DNS name ${name}, which leads to all of them: give them names that differ in a letter, a digit or a hyphen.`,
  };
}

function empty(given: string): NameProblem {
  return {
    code: "NAME_EMPTY",
    name: "",
    given: [given],
    message: `"${given}" has no letter or digit, so the task has no DNS name: give it one that has.`,
  };
}
