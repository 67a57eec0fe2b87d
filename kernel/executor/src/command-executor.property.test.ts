import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandExecutor } from "./command-executor.ts";
import type { TaskPolicy } from "./policy.ts";
import type { ExecutorState, Outcome, StatusDraft } from "./types.ts";

const terminal = new Set(["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"]);
const rank: Record<string, number> = { TASK_STARTING: 0, TASK_RUNNING: 1, TASK_KILLING: 2 };

const timing = { delayMs: 100, intervalMs: 200, timeoutMs: 100 };
const policies = fc.record({
  killGraceMs: fc.constantFrom(0, 500),
  killingState: fc.boolean(),
  drain: fc.constantFrom(undefined, { drainMs: 700 }),
  health: fc.record({
    ...Object.fromEntries(Object.entries(timing).map(([key, value]) => [key, fc.constant(value)])),
    probe: fc.constant({ type: "tcp", family: "IPv4", port: 1 }),
    gracePeriodMs: fc.constantFrom(0, 1_000),
    consecutiveFailures: fc.constantFrom(1, 3),
    reportOnly: fc.boolean(),
  }),
}) as fc.Arbitrary<TaskPolicy>;

const events = fc.array(
  fc.oneof(
    fc.constant("launched" as const),
    fc.constant("launchFailed" as const),
    fc.constant("exited" as const),
    fc.constant("kill" as const),
    fc.constant("shutDown" as const),
    fc.constant("restart" as const),
    fc.integer({ min: 0, max: 2_000 }),
    fc.record({ attempt: fc.integer({ min: 1, max: 6 }), succeeded: fc.boolean() }),
  ),
  { maxLength: 40 },
);

describe("any course of events", () => {
  it("[EXE4] gives updates in the order of life, at most one end, and nothing after it", () => {
    fc.assert(
      fc.property(policies, events, (policy, course) => {
        const clock = { monoMs: 0, wallMs: 5_000_000 };
        let executor = new CommandExecutor(policy);
        const updates: StatusDraft[] = [];
        const take = (before: ExecutorState, outcome: Outcome): void => {
          updates.push(...outcome.updates);
          if (!outcome.changed) expect(executor.state).toEqual(before);
        };
        const run = (step: () => Outcome): void => take(executor.state, step());
        run(() => executor.begin());
        for (const event of course) {
          if (typeof event === "number") {
            clock.monoMs += event;
            clock.wallMs += event;
            run(() => executor.wake(clock));
          } else if (typeof event === "object") {
            const result = { type: "tcp", succeeded: event.succeeded } as const;
            run(() => executor.checkResult("health", event.attempt, result, clock));
          } else if (event === "restart") {
            executor = new CommandExecutor(policy, executor.state);
            run(() => executor.resume(clock));
          } else if (event === "launched") run(() => executor.launched(clock));
          else if (event === "kill") run(() => executor.kill(clock));
          else if (event === "shutDown") run(() => executor.shutDown(clock));
          else if (event === "launchFailed") run(() => executor.launchFailed("x"));
          else run(() => executor.exited({ exitCode: 1, oomKilled: false }));
        }
        const states = updates.map(({ state }) => state);
        const ends = states.findIndex((state) => terminal.has(state));
        expect(ends === -1 || ends === states.length - 1).toBe(true);
        expect(executor.state.phase === "ended").toBe(ends >= 0);
        const ranks = states.map((state) => rank[state] ?? 3);
        expect(ranks).toEqual(ranks.toSorted((left, right) => left - right));
      }),
      { numRuns: 500 },
    );
  });

  it("[EXE17] [EXE18] [EXE19] holds SIGTERM as long as was asked for, whatever happens meanwhile", () => {
    const steps = fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 900 }),
        fc.constant("kill" as const),
        fc.record({ awayMs: fc.integer({ min: 0, max: 900 }) }),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 2_000 }), (course, drainMs) => {
        const policy: TaskPolicy = { killGraceMs: 60_000, killingState: true, drain: { drainMs } };
        const clock = { monoMs: 0, wallMs: 5_000_000 };
        let executor = new CommandExecutor(policy);
        executor.begin();
        executor.launched(clock);
        executor.kill(clock);
        const beganMs = clock.wallMs;
        let termMs: number | undefined;
        const take = ({ actions }: Outcome): void => {
          if (actions.some(({ type }) => type === "signal")) termMs ??= clock.wallMs;
        };
        const pass = (ms: number): void => {
          const until = clock.monoMs + ms;
          for (
            let at = executor.wakeAtMonoMs;
            at !== undefined && at <= until;
            at = executor.wakeAtMonoMs
          ) {
            clock.wallMs += Math.max(0, at - clock.monoMs);
            clock.monoMs = Math.max(at, clock.monoMs);
            take(executor.wake(clock));
          }
          clock.wallMs += until - clock.monoMs;
          clock.monoMs = until;
        };
        let awayUntilMs = beganMs;
        for (const step of [...course, 2_000]) {
          if (typeof step === "number") pass(step);
          else if (step === "kill") take(executor.kill(clock));
          else {
            clock.wallMs += step.awayMs;
            if (termMs === undefined) awayUntilMs = clock.wallMs;
            executor = new CommandExecutor(policy, executor.state);
            take(executor.resume(clock));
          }
        }
        expect(termMs).toBe(Math.max(beganMs + drainMs, Math.min(awayUntilMs, termMs ?? 0)));
      }),
      { numRuns: 500 },
    );
  });
});
