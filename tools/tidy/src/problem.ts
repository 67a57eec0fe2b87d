/** One breach of a law: which, where, and what to do. */
export interface Problem {
  /** The law's name, as in `docs/spec/tidy.md`. */
  readonly rule: string;
  /** Path relative to the checkout. */
  readonly path: string;
  /** First line is 1; absent when the whole file or folder is meant. */
  readonly line?: number;
  /** One sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** One line, `path:line: [rule] message`, so that editors can jump to it. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === undefined ? problem.path : `${problem.path}:${problem.line}`;
  return `${place}: [${problem.rule}] ${problem.message}`;
}
