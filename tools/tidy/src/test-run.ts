import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatGuardResult, guardsOf, runGuards } from "./guards.ts";
import type { Outcome } from "./run-command.ts";
import { formatDuration, runCommand } from "./run-command.ts";
import { addTallies, emptyTally } from "./tally.ts";
import type { Tally } from "./tally.ts";
import { tallyVitest } from "./vitest-report.ts";

const minuteMs = 60_000;

/** The whole run stays below 25 minutes, whatever hangs. */
const runMsMax = 24 * minuteMs;

/** Deadlines of the parts: several times what they need on two cores. */
const partMsMax = {
  setUp: 10 * minuteMs,
  unit: 10 * minuteMs,
  sim: 12 * minuteMs,
  e2e: 15 * minuteMs,
};

/** What to test, and where. */
export interface TestRun {
  /** The checkout. */
  readonly root: string;
  /** Parts of paths of test files; empty for everything, guards included. */
  readonly names: readonly string[];
  /** Takes what happens, as it is to be printed. */
  readonly show: (text: string) => void;
}

/**
 * Runs everything, also when a part fails: the Debian packages, the guards, unit and property tests,
 * simulation, end to end. Without its packages end to end is not run and counts as one failure.
 */
export async function runTests(run: TestRun): Promise<Tally> {
  const logs = join(run.root, ".tutti/test");
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  const begunMs = performance.now();
  const part = (name: string): Part => ({ ...run, name, logs, begunMs });

  const setUp = await setUpPackages(part("set-up"));
  let total = setUp.tally;
  if (setUp.interrupted) return total;
  const unit = ["pure", "shells"];
  const parts =
    run.names.length > 0
      ? [
          () =>
            vitest(part("tests"), {
              projects: [...unit, "sim", ...(setUp.ready ? ["e2e"] : [])],
              msMax: partMsMax.e2e,
            }),
        ]
      : [
          () => guard(part("guards")),
          () => vitest(part("unit"), { projects: unit, msMax: partMsMax.unit }),
          () => vitest(part("sim"), { projects: ["sim"], msMax: partMsMax.sim }),
          ...(setUp.ready
            ? [() => vitest(part("e2e"), { projects: ["e2e"], msMax: partMsMax.e2e })]
            : []),
        ];
  if (!setUp.ready) parts.push(() => withoutPackages(part("e2e")));
  for (const runPart of parts) {
    const { tally, interrupted } = await runPart();
    total = addTallies(total, tally);
    if (interrupted) break;
  }
  return total;
}

/** What a part of the run knows. */
interface Part extends TestRun {
  readonly name: string;
  /** Folder of the logs. */
  readonly logs: string;
  readonly begunMs: number;
}

function say({ show }: Part, line: string): void {
  show(`${line}\n`);
}

interface PartResult {
  readonly tally: Tally;
  readonly interrupted: boolean;
}

/** The time a part may take: its own bound, or what is left of the whole run's. */
function deadlineOf(part: Part, msMax: number): number {
  return Math.max(1, Math.min(msMax, runMsMax - (performance.now() - part.begunMs)));
}

async function setUpPackages(part: Part): Promise<PartResult & { readonly ready: boolean }> {
  say(part, "== set-up: what the tests need from Debian");
  const logPath = join(part.logs, "set-up.log");
  const outcome = await runCommand({
    file: process.execPath,
    args: [join(part.root, "distribution/installer/src/main.ts"), "setup", "--for", "test"],
    cwd: part.root,
    deadlineMs: deadlineOf(part, partMsMax.setUp),
    show: part.show,
    logPath,
  });
  const ready = outcome.code === 0;
  say(part, `== set-up ${ready ? "done" : "failed"} in ${formatDuration(outcome.durationMs)}`);
  const failures = ready ? [] : [{ name: "set-up", message: lastLineOf(outcome), logPath }];
  return { tally: { ...emptyTally, failures }, interrupted: outcome.interrupted, ready };
}

async function guard(part: Part): Promise<PartResult> {
  say(part, "== guards");
  const results = await runGuards(guardsOf(part.root), (result) =>
    say(part, formatGuardResult(result)),
  );
  const failures = results
    .filter(({ passed }) => !passed)
    .map(({ name, outcome }) => {
      const logPath = join(part.logs, `${name.replaceAll(" ", "-")}.log`);
      writeFileSync(logPath, outcome.output);
      return { name: `guard: ${name}`, message: lastLineOf(outcome), logPath };
    });
  return {
    tally: { passed: results.length - failures.length, skipped: 0, failures },
    interrupted: results.some(({ outcome }) => outcome.interrupted),
  };
}

async function vitest(
  part: Part,
  what: { readonly projects: readonly string[]; readonly msMax: number },
): Promise<PartResult> {
  say(part, `== ${part.name}`);
  const logPath = join(part.logs, `${part.name}.log`);
  const reportPath = join(part.logs, `${part.name}.json`);
  const outcome = await runCommand({
    file: process.execPath,
    args: [
      join(part.root, "node_modules/.bin/vitest"),
      "run",
      ...what.projects.map((project) => `--project=${project}`),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${reportPath}`,
      ...part.names,
    ],
    cwd: part.root,
    deadlineMs: deadlineOf(part, what.msMax),
    show: part.show,
    logPath,
  });
  const report = existsSync(reportPath) ? readFileSync(reportPath, "utf8") : undefined;
  const tally = tallyVitest({ name: part.name, root: part.root, logPath, outcome, report });
  return { tally, interrupted: outcome.interrupted };
}

function withoutPackages(part: Part): Promise<PartResult> {
  const failure = {
    name: "e2e",
    message: "not run: the set-up failed",
    logPath: join(part.logs, "set-up.log"),
  };
  say(part, `== e2e ${failure.message}`);
  return Promise.resolve({ tally: { ...emptyTally, failures: [failure] }, interrupted: false });
}

function lastLineOf(outcome: Outcome): string {
  return outcome.output.trimEnd().split("\n").at(-1)?.trim() ?? "";
}
