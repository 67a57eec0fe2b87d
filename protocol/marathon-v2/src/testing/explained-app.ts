import { explainApp } from "../explain/explain-app.ts";
import type { AppFacts, MachineFacts } from "../explain/facts.ts";

/** When explanations of tests are made: 2026-11-22 10:00 UTC, in wall-clock milliseconds. */
export const nowMs = 1_795_341_600_000;

/** No instances. */
export const counts = {
  ready: 0,
  notReady: 0,
  starting: 0,
  stopping: 0,
  unreachable: 0,
  replaced: 0,
};

/** Two of three instances run; the third waits and needs 4 cpus. */
export const base: AppFacts = {
  id: "/web",
  nowMs,
  wanted: 3,
  counts: { ...counts, ready: 2 },
  outdated: 0,
  needs: { cpus: 4, mem: 128, disk: 0, gpus: 0, ports: 1 },
  roles: ["*"],
  toLaunch: 1,
  sick: [],
  unreachable: [],
  machinesFrom: "master",
  machines: [],
};

/** What is free of a machine that is too small for `base`. */
export const free = { cpus: 2.5, mem: 4096, disk: 1000, gpus: 0 };

/** What a machine has that is large enough. */
export const large = { cpus: 8, mem: 8192, disk: 1000, gpus: 0 };

/** A machine that has too little free. */
export const small: MachineFacts = {
  name: "agent-2",
  lack: { type: "amounts" },
  free,
  total: large,
};

/** The situation, what differs from `base`, and the whole text. */
export type Case = readonly [string, Partial<AppFacts>, string];

/** An explanation of these facts as text, its advice after `>`. */
export function textOf(facts: AppFacts): string {
  const { summary, details, advice } = explainApp(facts);
  return [summary, ...details, ...advice.map((line) => `> ${line}`)].join("\n");
}
