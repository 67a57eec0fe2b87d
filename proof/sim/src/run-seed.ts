import { isDeepStrictEqual } from "node:util";
import { createCluster, defaultClusterOptions, formatClock } from "@tutti/simulator";
import type { AgentOptions, Cluster, ClusterOptions, PlantedBug } from "@tutti/simulator";
import { createSeededRandom } from "@tutti/testkit";
import type { SeededRandom } from "@tutti/testkit";
import type { Watched } from "./checkers/checker.ts";
import { auditBooks } from "./checkers/resources.ts";
import { watchCluster } from "./checkers/watch-cluster.ts";
import { demandSame, whyNotSettled } from "./final-state.ts";
import { NamesRun } from "./names/names-run.ts";
import { Users } from "./scenario/actions.ts";
import { MachineOperator } from "./scenario/machine-operator.ts";
import { Operator } from "./scenario/operator.ts";
import { Faults } from "./scenario/faults.ts";
import type { FaultKind } from "./scenario/fault-kinds.ts";
import { demand, Violation } from "./violation.ts";
import { withoutClock } from "./without-clock.ts";

/** The size of a seed; the default is that of the published figures, with one master. */
export interface SeedOptions {
  readonly masters: number;
  readonly agents: number;
  readonly apps: number;
  readonly activeMs: number;
  readonly actions: number;
  readonly faults: number;
  /** Share of the messages that go through their JSON; absent: all of them in every eighth seed. */
  readonly codecShare?: number;
  readonly plantedBugs: readonly PlantedBug[];
  /** Whether discovery, DNS and virtual IPs are in it too, with their own faults. */
  readonly names: boolean;
}

const minuteMs = 60_000;

/** The size of a seed that is short enough for many of them: those with names and virtual IPs of the test command. */
export const shortSeed = {
  agents: 6,
  apps: 12,
  activeMs: 4 * minuteMs,
  actions: 60,
  faults: 10,
} as const satisfies Partial<SeedOptions>;

/** One simulated quarter of an hour of a busy and unlucky cluster. */
export const defaultSeedOptions: SeedOptions = {
  masters: 1,
  agents: 10,
  apps: 30,
  activeMs: 10 * minuteMs,
  actions: 120,
  faults: 24,
  plantedBugs: [],
  names: false,
};

/** How a seed ended. */
export interface SeedReport {
  readonly seed: number;
  /** Whether names and virtual IPs were in it. */
  readonly names: boolean;
  readonly masters: number;
  /** Whether it had the size of `shortSeed`. */
  readonly isShort: boolean;
  /** As it was asked for; absent: as `SeedOptions.codecShare` has it. */
  readonly codecShare?: number;
  /** What was broken: a violated rule, or a bug that ended a process. */
  readonly failure?: { readonly message: string; readonly atMs: number };
  /** The end of the narrative, or all of it. */
  readonly narrative: readonly string[];
  readonly traceHash: string;
  readonly simulatedMs: number;
  /** From the end of the last fault until everything was as wanted. */
  readonly settledAfterMs: number;
  /** What was waited for last. */
  readonly settledLast: string;
  readonly events: number;
  readonly commands: number;
  readonly tasksStarted: number;
  /** What befell messages and connections. */
  readonly network: ReturnType<Cluster["counters"]>["network"];
  readonly faults: ReadonlyMap<FaultKind, number>;
}

/** One change of quota for so many commands of the users. */
const actionsOfQuota = 20;
/** One drain, deactivation or reactivation of a machine for so many. */
const actionsOfMachines = 20;
const settleMsMax = 30 * minuteMs;
const lookEveryMs = 1_000;
const restMs = 60_000;
const auditEveryMs = 10_000;
const narrativeLines = 60;

/** Runs one seed. Never throws for what goes wrong inside the simulation: the report says it. */
export function runSeed(
  seed: number,
  options: Partial<SeedOptions> = {},
  linesMax: number = narrativeLines,
): SeedReport {
  return withoutClock(() => new SeedRun(seed, { ...defaultSeedOptions, ...options }).run(linesMax));
}

class SeedRun {
  readonly #seed: number;
  readonly #options: SeedOptions;
  readonly #cluster: Cluster;
  readonly #watched: Watched;
  readonly #demandKnown: () => void;
  readonly #users: Users;
  readonly #names: NamesRun | undefined;
  readonly #operator: Operator;
  readonly #machines: MachineOperator;
  readonly #faults: Faults;
  readonly #random: SeededRandom;
  #settledAfterMs = 0;
  #settledLast = "";

  constructor(seed: number, options: SeedOptions) {
    this.#seed = seed;
    this.#options = options;
    this.#random = createSeededRandom(seed).fork("scenario");
    const clusterOptions = this.#drawCluster();
    const cluster = createCluster(seed, clusterOptions);
    const { watched, demandKnown } = watchCluster(cluster, clusterOptions);
    this.#demandKnown = demandKnown;
    this.#cluster = cluster;
    this.#watched = watched;
    const names = options.names ? new NamesRun(watched, this.#random.fork("names")) : undefined;
    this.#names = names;
    const users = this.#random.fork("users");
    this.#users = new Users(cluster, watched.durable, users, options.apps, names?.decorate);
    this.#operator = new Operator(cluster, this.#random.fork("operator"));
    this.#machines = new MachineOperator(cluster, this.#random.fork("machines"));
    this.#faults = new Faults(cluster, this.#random.fork("faults"));
  }

  run(linesMax: number): SeedReport {
    try {
      this.#live();
      return this.#report(linesMax);
    } catch (error) {
      const text = error instanceof Error ? error : new Error(String(error));
      const message = text instanceof Violation ? text.message : (text.stack ?? text.message);
      return this.#report(linesMax, message);
    }
  }

  #drawCluster(): ClusterOptions {
    const { masters, plantedBugs, names } = this.#options;
    const codecShare = this.#options.codecShare ?? (this.#seed % 8 === 0 ? 1 : 0);
    const agents = Array.from({ length: this.#options.agents }, (_, at): AgentOptions => {
      const isPublic = at >= this.#options.agents - 2;
      const role = isPublic ? "(slave_public)" : "";
      const cpus = this.#random.pick([3, 4, 6]);
      return {
        resources: `cpus${role}:${cpus};mem${role}:4096;disk${role}:10000;ports${role}:[31000-32000]`,
        attributes: isPublic ? "public_ip:true" : `rack:${"abc".charAt(at % 3)}`,
      };
    });
    return { ...defaultClusterOptions, masters, agents, codecShare, plantedBugs, names };
  }

  #live(): void {
    const { activeMs, actions, faults } = this.#options;
    const cluster = this.#cluster;
    cluster.start();
    for (let count = 0; count < actions; count += 1) {
      cluster.world.after(this.#random.between(1_000, activeMs), () => this.#users.act());
    }
    for (let count = 0; count < faults; count += 1) {
      const atMs = this.#random.between(2_000, activeMs);
      cluster.world.after(atMs, () => this.#faults.strike(activeMs));
    }
    const quotas = this.#random.fork("quotas");
    for (let count = 0; count < actions / actionsOfQuota; count += 1) {
      cluster.world.after(quotas.between(5_000, activeMs), () => this.#operator.act());
    }
    const drains = this.#random.fork("drains");
    for (let count = 0; count < actions / actionsOfMachines; count += 1) {
      cluster.world.after(drains.between(5_000, activeMs), () => this.#machines.act());
    }
    this.#names?.live(activeMs);
    this.#runTo(activeMs);
    this.#faults.calm();
    this.#operator.calm();
    this.#machines.calm();
    this.#settle();
  }

  /** Everything must become as it is wanted, and then stay so. */
  #settle(): void {
    const cluster = this.#cluster;
    const calmMs = cluster.nowMs();
    for (let why = this.#whyNot(); why !== undefined; why = this.#whyNot()) {
      const waitedMs = cluster.nowMs() - calmMs;
      demand(
        waitedMs < settleMsMax,
        "SIM13",
        () => `not settled after ${waitedMs / minuteMs} minutes: ${why}`,
      );
      this.#settledLast = why;
      // Often at first, then ever more seldom: what is stuck stays stuck.
      this.#runTo(cluster.nowMs() + Math.max(lookEveryMs, waitedMs / 10));
    }
    this.#settledAfterMs = cluster.nowMs() - calmMs;
    for (const user of this.#users.apps) user.demandDurable();
    this.#operator.demandDurable();
    this.#machines.demandDurable();
    this.#demandKnown();
    const before = [...this.#watched.truth.running.keys()];
    this.#runTo(cluster.nowMs() + restMs);
    const why = this.#whyNot();
    demand(why === undefined, "SIM14", () => `what was settled is not any more: ${why ?? ""}`);
    demandSame(before, [...this.#watched.truth.running.keys()]);
  }

  #whyNot(): string | undefined {
    if (!this.#operator.isCleared) return "there is quota left";
    if (!this.#machines.isCleared) return "a machine is out of use";
    return whyNotSettled(this.#watched, this.#users.apps) ?? this.#names?.whyNot();
  }

  /** Runs with an audit of the books now and then. */
  #runTo(untilMs: number): void {
    const cluster = this.#cluster;
    while (cluster.nowMs() < untilMs) {
      cluster.run(Math.min(untilMs, cluster.nowMs() + auditEveryMs));
      const view = cluster.masterView();
      if (view !== undefined) auditBooks(view);
    }
  }

  #report(linesMax: number, message?: string): SeedReport {
    const cluster = this.#cluster;
    const atMs = cluster.nowMs();
    const { events, commands, network } = cluster.counters();
    let tasksStarted = 0;
    for (const count of this.#watched.truth.starts.values()) tasksStarted += count;
    return {
      seed: this.#seed,
      names: this.#options.names,
      masters: this.#options.masters,
      isShort: isShort(this.#options),
      ...(this.#options.codecShare === undefined ? {} : { codecShare: this.#options.codecShare }),
      ...(message === undefined
        ? {}
        : { failure: { message: `at ${formatClock(atMs)}: ${message}`, atMs } }),
      narrative: cluster.trace.tail(linesMax),
      traceHash: cluster.trace.hash,
      simulatedMs: atMs,
      settledAfterMs: this.#settledAfterMs,
      settledLast: this.#settledLast,
      events,
      commands,
      tasksStarted,
      network,
      faults: this.#faults.counts,
    };
  }
}

function isShort({ agents, apps, activeMs, actions, faults }: SeedOptions): boolean {
  return isDeepStrictEqual({ agents, apps, activeMs, actions, faults }, shortSeed);
}
