import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Outcome } from "./run-command.ts";
import { formatDuration } from "./run-command.ts";
import type { Failure, Tally } from "./tally.ts";

/** The parts of vitest's JSON report that are read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** A vitest run that has ended. */
export interface VitestRun {
  /** What the run is called in a failure, e.g. `unit tests`. */
  readonly name: string;
  readonly root: string;
  readonly logPath: string;
  readonly outcome: Outcome;
  /** The JSON report's text; undefined when vitest wrote none. */
  readonly report: string | undefined;
}

/**
 * Counts a vitest run. A test file that could not be loaded, a run that was stopped, errors outside
 * every test, and a run that ended badly although no test failed count as one failure each.
 */
export function tallyVitest(run: VitestRun): Tally {
  const report = run.report === undefined ? undefined : (JSON.parse(run.report) as Report);
  const failures: Failure[] = [];
  let passed = 0;
  let skipped = 0;
  for (const file of report?.testResults ?? []) {
    const path = relative(run.root, file.name);
    for (const { fullName, status, failureMessages } of file.assertionResults) {
      if (status === "passed") passed += 1;
      else if (status === "failed") {
        failures.push(failureOf(run, `${path} > ${fullName}`, failureMessages?.[0]));
      } else skipped += 1;
    }
    if (
      file.status === "failed" &&
      !file.assertionResults.some(({ status }) => status === "failed")
    ) {
      // Of a hook of a group within the file the report has no word.
      const details = file.message ? [] : sectionOf(run.outcome.output, "Failed Suites");
      failures.push({ ...failureOf(run, `${path} (the file itself)`, file.message), details });
    }
  }
  const loose = sectionOf(run.outcome.output, "Unhandled Errors");
  if (loose.length > 0) {
    failures.push({ ...failureOf(run, run.name, "an error outside every test"), details: loose });
  } else if (failures.length === 0 && run.outcome.code !== 0) {
    const details = linesOf(run.outcome.output).slice(-detailLinesMax);
    failures.push({ ...failureOf(run, run.name, endOf(run.outcome)), details });
  }
  return { passed, skipped, failures };
}

/** More of an error than its trace has; a CI that keeps only the end of a run keeps these lines. */
const detailLinesMax = 40;

/** What vitest says below its last heading of this name; empty without one. */
function sectionOf(output: string, name: string): readonly string[] {
  const lines = linesOf(output);
  const heading = lines.findLastIndex(
    (line) => /^⎯+ (?<name>.*?)(?: \d+)? ⎯+$/u.exec(line)?.groups?.["name"] === name,
  );
  return heading === -1 ? [] : lines.slice(heading + 1, heading + 1 + detailLinesMax);
}

/** The lines that say something, without the colours of a terminal. */
function linesOf(output: string): readonly string[] {
  return stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}

function failureOf(run: VitestRun, name: string, message: string | undefined): Failure {
  return { name, message: message?.trim().split("\n")[0] ?? "", logPath: run.logPath };
}

function endOf(outcome: Outcome): string {
  if (outcome.interrupted) return "interrupted";
  if (outcome.timedOut)
    return `stopped after ${formatDuration(outcome.durationMs)}: it took too long`;
  return `ended with code ${outcome.code ?? "(signal)"} although no test failed`;
}
