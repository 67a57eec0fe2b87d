import { formatClock } from "@tutti/simulator";
import { faultKinds } from "./scenario/fault-kinds.ts";
import type { FaultKind } from "./scenario/fault-kinds.ts";
import type { SeedReport } from "./run-seed.ts";

/** One line about one seed. */
export function describeSeed(report: SeedReport, realMs: number): string {
  const {
    seed,
    failure,
    commands,
    tasksStarted,
    events,
    simulatedMs,
    settledAfterMs,
    settledLast,
  } = report;
  return [
    `seed ${seed}: ${failure === undefined ? "good" : "BROKEN"}`,
    `${faultCount(report)} faults`,
    `${commands} commands`,
    `${tasksStarted} tasks`,
    `${events} events`,
    `${formatClock(simulatedMs)} simulated`,
    `settled after ${(settledAfterMs / 1000).toFixed(0)} s${settledLast === "" ? "" : ` (${settledLast})`}`,
    `${(simulatedMs / realMs).toFixed(0)} × real time`,
    `trace ${report.traceHash}`,
  ]
    .join(", ")
    .concat(`\n  faults: ${describeFaults(report.faults)}\n  ${describeNetwork([report])}`);
}

/** What was broken, how to see it again, and what happened before. */
export function describeFailure(report: SeedReport): string {
  return [
    ...report.narrative,
    "",
    `seed ${report.seed} is broken ${report.failure?.message ?? ""}`,
    `again: ./tutti sim ${againOptions(report)} --verbose`,
  ].join("\n");
}

/** What the command needs to run the same seed, of one of the two sizes that it knows. */
export function againOptions({ seed, isShort, names, masters, codecShare }: SeedReport): string {
  return [
    `--seed ${seed}`,
    ...(isShort ? ["--short"] : []),
    ...(names ? ["--names"] : []),
    ...(masters === 1 ? [] : [`--masters ${masters}`]),
    ...(codecShare === undefined ? [] : [`--codec ${codecShare}`]),
  ].join(" ");
}

/** The sum of many seeds. */
export function describeTotal(
  reports: readonly SeedReport[],
  { realMs, cpuMs }: { readonly realMs: number; readonly cpuMs: number },
): string {
  const sum = (count: (report: SeedReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  const broken = reports.filter(({ failure }) => failure !== undefined);
  const kinds = new Map<FaultKind, number>();
  for (const { faults } of reports) {
    for (const [kind, count] of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  const simulatedMs = sum((report) => report.simulatedMs);
  const settled = Math.max(...reports.map(({ settledAfterMs }) => settledAfterMs));
  return [
    `${reports.length} seeds, ${broken.length} broken${broken.length > 0 ? `: ${broken.map(({ seed }) => seed).join(" ")}` : ""}`,
    `${sum(faultCount)} faults (${describeFaults(kinds)})`,
    describeNetwork(reports),
    `${sum(({ commands }) => commands)} commands, ${sum(({ tasksStarted }) => tasksStarted)} tasks, ${sum(({ events }) => events)} events`,
    `${(simulatedMs / 3_600_000).toFixed(1)} simulated hours in ${(realMs / 1000).toFixed(1)} s and ${(cpuMs / 1000).toFixed(1)} s of processor: ${(simulatedMs / cpuMs).toFixed(0)} × real time per core`,
    `settled at the latest ${(settled / 1000).toFixed(0)} s after the last fault`,
  ].join("\n");
}

function describeFaults(counts: SeedReport["faults"]): string {
  return faultKinds.map(({ kind }) => `${kind} ${counts.get(kind) ?? 0}`).join(", ");
}

function describeNetwork(reports: readonly SeedReport[]): string {
  const sum = (count: keyof SeedReport["network"]): number =>
    reports.reduce((total, { network }) => total + network[count], 0);
  return (
    `messages: ${sum("lost")} lost, ${sum("doubled")} doubled; ` +
    `connections: ${sum("halfOpen")} half-open, ${sum("doubleDials")} dialled twice`
  );
}

function faultCount({ faults }: SeedReport): number {
  let count = 0;
  for (const one of faults.values()) count += one;
  return count;
}
