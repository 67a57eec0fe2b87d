import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainApp } from "./explain-app.ts";
import type { AppFacts } from "./facts.ts";

const nowMs = Date.UTC(2026, 10, 22, 10, 0, 0);
const base = {
  id: "/web",
  nowMs,
  roles: ["*"],
  unreachable: [],
  check: { text: "the HTTP check of /health", failuresMax: 3 },
} as const;
const failure = {
  state: "TASK_FAILED",
  message: "Command exited with status 3",
  host: "agent-1",
  taskId: "web.instance-1._app.1",
  atMs: nowMs - 5000,
};

const lacks = fc.oneof(
  fc.constant(undefined),
  fc.record({ type: fc.constant("role" as const), keptFor: fc.string() }),
  fc.record({
    type: fc.constant("constraint" as const),
    constraint: fc.array(fc.string(), { maxLength: 4 }),
    value: fc.string(),
  }),
  fc.constant({ type: "maintenance" as const }),
  fc.constant({ type: "amounts" as const }),
  fc.record({ type: fc.constant("ports" as const), free: fc.nat() }),
  fc.record({
    type: fc.constant("unofferedPorts" as const),
    ports: fc.array(fc.nat(65_535), { minLength: 1, maxLength: 9 }),
    offered: fc.array(fc.record({ begin: fc.nat(65_535), end: fc.nat(65_535) }), { maxLength: 9 }),
  }),
  fc.record({
    type: fc.constant("takenPorts" as const),
    ports: fc.array(fc.record({ port: fc.nat(65_535), holder: fc.string() }), { maxLength: 9 }),
  }),
);
const amounts = fc.record({ cpus: fc.nat(8), mem: fc.nat(8), disk: fc.nat(8), gpus: fc.nat(8) });
const machines = fc.array(
  fc
    .tuple(fc.string(), fc.boolean(), lacks, amounts, fc.option(amounts))
    .map(([name, isAway, lack, free, total]) => ({
      name,
      isAway,
      ...(lack === undefined ? {} : { lack }),
      free,
      ...(total === null ? {} : { total }),
    })),
  { maxLength: 30 },
);
const quota = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant("limit" as const),
      role: fc.string(),
      of: fc.string(),
      name: fc.constantFrom("cpus" as const, "mem" as const),
      limit: fc.nat(8),
      used: fc.nat(8),
    }),
    fc.record({
      type: fc.constant("promise" as const),
      roles: fc.array(fc.string(), { minLength: 1, maxLength: 9 }),
      name: fc.constantFrom("disk" as const, "gpus" as const),
      held: fc.nat(8),
      free: fc.nat(8),
    }),
  ),
  { maxLength: 9 },
);
const few = fc.nat(4);
const anyFacts: fc.Arbitrary<AppFacts> = fc
  .record({
    wanted: few,
    counts: fc.record({
      ready: few,
      notReady: few,
      starting: few,
      stopping: few,
      unreachable: few,
      replaced: few,
    }),
    outdated: few,
    toLaunch: few,
    machines,
    quota,
    needs: amounts.map((each) => ({ ...each, ports: 1 })),
    waitingMs: fc.nat(100_000),
    warnings: fc.array(fc.constantFrom("One.", "Two.", "Three."), { maxLength: 9 }),
    machinesFrom: fc.constantFrom("master" as const, "offers" as const),
    message: fc.string({ maxLength: 3000 }),
    deployment: fc.boolean(),
    hasLost: fc.boolean(),
  })
  .map(({ message, deployment, hasLost, ...facts }) => ({
    ...base,
    ...facts,
    sick: [{ host: "a", taskId: "t", failures: 2, cause: message }],
    lastFailure: { ...failure, message },
    ...(hasLost ? { noConnection: message } : {}),
    ...(deployment ? { deployment: { step: 1, steps: 2, apps: ["/db"] } } : {}),
  }));

describe("any explanation", () => {
  it("[WHY12] has at most ten lines of bounded length, each one a sentence, and a reason", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { summary, details, advice, reasons } = explainApp(facts);
        const lines = [summary, ...details, ...advice];
        expect(lines.length).toBeLessThanOrEqual(10);
        expect(reasons.length).toBeGreaterThan(0);
        expect(new Set(lines).size).toBe(lines.length);
        for (const line of [summary, ...details]) expect(line).toMatch(/\.$/);
      }),
    );
  });
});
