import { createCluster, defaultClusterOptions } from "@tutti/simulator";
import type { Cluster } from "@tutti/simulator";
import { auditBooks } from "../checkers/resources.ts";
import { watchCluster } from "../checkers/watch-cluster.ts";
import { demandSame, whyNotSettled } from "../final-state.ts";
import { demand } from "../violation.ts";
import { withoutClock } from "../without-clock.ts";

/** How far one app is scaled, and on how many machines. */
export interface ScaleUpSize {
  readonly agents: number;
  readonly instances: number;
  /** Processes that die on the way, each when so many instances run, and are started again 5 s later. */
  readonly deaths: readonly { readonly node: string; readonly atInstances: number }[];
}

/** What a scale-up came to. */
export interface ScaleUpReport {
  readonly started: number;
  /** Containers that got a signal or ended, of any cause: each is a wrong one. */
  readonly killed: number;
  /** Instances that were started and that Marathon decided to kill or to forget: each is a wrong one. */
  readonly decommissioned: number;
  /** Simulated milliseconds from the user's command until everything had settled. */
  readonly settledAfterMs: number;
  /** How many instances ran at each death. */
  readonly struckAt: readonly number[];
  readonly events: number;
}

const app = "/web";
const instancesBefore = 10;
const secondMs = 1_000;
const settleMsMax = 1_800 * secondMs;
const deadMs = 5 * secondMs;
/** Longer than a launch may be silent, and than the first of the later reconciliations. */
const restMs = 900 * secondMs;
const agent = { resources: "cpus:16;mem:65536;disk:100000;ports:[31000-32000]", attributes: "" };

/**
 * One app goes from ten to very many instances in one command, under the eyes of all checkers; then a
 * quarter of an hour of rest, in which nothing may change. Throws what a checker saw. Rule SIM54.
 */
export function scaleUp(size: ScaleUpSize): ScaleUpReport {
  return withoutClock(() => scaleWatched(size));
}

function scaleWatched({ agents, instances, deaths }: ScaleUpSize): ScaleUpReport {
  const options = {
    ...defaultClusterOptions,
    agents: Array.from({ length: agents }, () => agent),
    codecShare: 0,
  };
  const cluster = createCluster("scale-up", options);
  const { watched, demandKnown } = watchCluster(cluster, options);
  const { truth, decided } = watched;
  const counts = { killed: 0, decommissioned: 0 };
  cluster.addObserver(() => (counts.killed += 1), ["containerSignalled", "containerEnded"]);
  decided.onCommit((commit) => {
    for (const { before, after } of commit.instances) {
      // What was never started dies with the process that wanted it, and another one is started.
      if (before === undefined || !truth.starts.has(before.taskId)) continue;
      if (after === undefined || after.goal === "Decommissioned") counts.decommissioned += 1;
    }
  });
  const settle = (): void =>
    settleDown(cluster, () => whyNotSettled(watched, [{ id: app, isMixed: false }]));

  cluster.start().run(20 * secondMs);
  cluster.postApp({ id: app, cmd: "run", cpus: 0.1, mem: 32, instances: instancesBefore });
  cluster.run(cluster.nowMs() + secondMs);
  settle();
  const fromMs = cluster.nowMs();
  cluster.ask({
    type: "updateApp",
    id: app,
    input: { instances },
    partial: true,
    create: false,
    force: false,
  });
  cluster.run(fromMs + 10);
  const struckAt: number[] = [];
  for (const { node, atInstances } of deaths) {
    // Looked at after each event: thousands start within a tenth of a simulated second.
    const untilMs = cluster.nowMs() + settleMsMax;
    cluster.world.runUntil(() => truth.running.size >= atInstances, untilMs);
    struckAt.push(truth.running.size);
    cluster.crash(node);
    cluster.world.after(deadMs, () => cluster.restart(node));
  }
  settle();
  const settledAfterMs = cluster.nowMs() - fromMs;
  const before = [...truth.running.keys()];
  cluster.run(cluster.nowMs() + restMs);
  settle();
  demandSame(before, [...truth.running.keys()]);
  demandKnown();
  const { events } = cluster.counters();
  return { started: truth.starts.size, ...counts, settledAfterMs, struckAt, events };
}

/** Waits until nothing is otherwise than it is wanted, and audits the master's books. */
function settleDown(cluster: Cluster, whyNot: () => string | undefined): void {
  const untilMs = cluster.nowMs() + settleMsMax;
  for (let why = whyNot(); why !== undefined; why = whyNot()) {
    const last = why;
    demand(cluster.nowMs() < untilMs, "SIM13", () => `not settled in half an hour: ${last}`);
    cluster.run(cluster.nowMs() + secondMs);
  }
  const view = cluster.masterView();
  if (view !== undefined) auditBooks(view);
}
