/** What a part of the test run came to. */
export interface Tally {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
}

/** One test, guard or step that failed. */
export interface Failure {
  readonly name: string;
  /** The first line of what it said; empty when it said nothing. */
  readonly message: string;
  /** What else tells where to look, when no test is to blame. */
  readonly details?: readonly string[];
  /** The file with everything it said. */
  readonly logPath: string;
}

/** Nothing ran. */
export const emptyTally: Tally = { passed: 0, skipped: 0, failures: [] };

/** Two parts together. */
export function addTallies(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

/** Whether something ran and nothing failed. */
export function isGood(tally: Tally): boolean {
  return tally.passed > 0 && tally.failures.length === 0;
}

/** The names of what failed, then the one closing line that a CI reads. */
export function formatTally(tally: Tally): string {
  const lines = tally.failures.flatMap(({ name, message, details = [], logPath }) => [
    `  ${name}`,
    ...(message === "" ? [] : [`    ${message}`]),
    ...details.map((line) => `    | ${line}`),
    `    log: ${logPath}`,
  ]);
  const skipped = tally.skipped === 0 ? "" : `, ${tally.skipped} skipped`;
  const head = lines.length === 0 ? [] : ["", "failed:", ...lines];
  return [...head, "", `${tally.passed} passed, ${tally.failures.length} failed${skipped}`].join(
    "\n",
  );
}
