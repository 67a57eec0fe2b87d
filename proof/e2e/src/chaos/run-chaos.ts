import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { createSeededRandom } from "@tutti/testkit";
import { eventually, TestCluster } from "../cluster.ts";
import { leftovers } from "../leftovers.ts";
import { AgentLosses } from "./agent-losses.ts";
import { steadyApp } from "./app-definition.ts";
import { AppLoad } from "./app-load.ts";
import { liveContainers, processesOutsideContainers, standingProcesses } from "./containers.ts";
import { keepEvidence } from "./evidence.ts";
import { FaultMaker } from "./fault-maker.ts";
import { FaultPlan } from "./fault-plan.ts";
import { ChaosJournal } from "./journal.ts";
import { lossTimes, setMasterTimes, type AgentLossKind } from "./loss-times.ts";
import { OpenFaults } from "./open-faults.ts";
import { StoppedTasks } from "./stopped-tasks.ts";
import { expectConverged } from "./verdict.ts";

const lookAgainMs = 100;

/** What one run is made of. */
export interface ChaosOptions {
  /** Decides what happens in which order; real time decides the rest. */
  readonly seed: number;
  /** At least; where agents are lost it goes on until one was lost and its tasks were replaced. */
  readonly forMs: number;
  /** Whether private agents are also cut off, one after another, until they count as lost, and come back. */
  readonly agentLosses: AgentLossKind;
  /** Ends the run early: what is hurt is mended, the cluster ends, and the run has failed. */
  readonly signal?: AbortSignal;
  /** Where logs and answers are kept of a run that has failed. */
  readonly evidenceDir?: string;
  readonly print: (line: string) => void;
}

/** What a run came to; `failure` says what is not as it must be. */
export interface ChaosOutcome {
  readonly journal: ChaosJournal;
  readonly failure?: string;
}

/**
 * A real cluster under a steady load of deployments, while its processes are killed and stopped, its machines cut off
 * and its tasks killed and stopped, all at random; where agents are lost too, their tasks are replaced as each app
 * says. At its end: every app has exactly its instances, healthy where they are looked at, the app that nobody changed
 * still has the instances it began with, every process has its owner, and `down` leaves nothing over.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const journal = new ChaosJournal(options.print);
  const losesAgents = options.agentLosses !== "none";
  journal.note(
    `seed ${String(options.seed)}, ${String(Math.round(options.forMs / 1000))} s${losesAgents ? ", agents are lost" : ""}`,
  );
  // While one is lost the others have room for its tasks.
  const cluster = await TestCluster.start([
    "--no-sample",
    ...(losesAgents ? ["--agents", "3"] : []),
  ]);
  let failure: string | undefined;
  const file = readFileSync(join(cluster.dir, "cluster.json"), "utf8");
  const { id } = JSON.parse(file) as { id: string };
  try {
    await storm(cluster, id, options, journal);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    journal.note(`failed: ${failure}`);
    if (options.evidenceDir !== undefined && options.signal?.aborted !== true) {
      await keepEvidence(cluster, options.evidenceDir);
      journal.note(`logs, and what Marathon and the master say, are in ${options.evidenceDir}`);
    }
  }
  const outcome = await cluster.down();
  if (outcome.exitCode !== 0) failure ??= `down failed: ${outcome.stderr}`;
  const left = [...(await leftovers(id)), ...(await leftovers(basename(cluster.dir)))];
  if (left.length > 0) failure ??= `left over:\n  ${left.join("\n  ")}`;
  journal.note(journal.summary());
  return { journal, ...(failure === undefined ? {} : { failure }) };
}

async function storm(
  cluster: TestCluster,
  clusterId: string,
  options: ChaosOptions,
  journal: ChaosJournal,
): Promise<void> {
  const random = createSeededRandom(options.seed);
  const losesAgents = options.agentLosses !== "none";
  const times = lossTimes[options.agentLosses];
  const open = new OpenFaults(journal);
  const how = { clusterId, journal, open };
  const load = new AppLoad(cluster, { random: random.fork("load"), journal, losesAgents });
  const plan = new FaultPlan(random.fork("faults"), times);
  const stopped = new StoppedTasks(cluster, how);
  const faults = new FaultMaker(cluster, { ...how, plan, stopped });
  const losses = new AgentLosses(cluster, { ...how, times, random: random.fork("losses") });
  if (times.master !== undefined) await setMasterTimes(cluster, times.master);
  await load.begin();
  const steady = await eventually("the steady app to run", 60_000, () => {
    const containers = steadyContainers(clusterId);
    return containers.length === steadyApp.instances ? containers : undefined;
  });
  const hasLost = (): boolean => !losesAgents || journal.counted("losses replaced") > 0;
  await untilOver(options, hasLost, [
    (signal) => load.run(signal),
    (signal) => faults.run(signal),
    ...(losesAgents ? [(signal: AbortSignal) => losses.run(signal)] : []),
  ]);
  journal.note("no more faults: waiting until all is as it was asked for");
  const calmMs = journal.elapsedMs;
  await expectConverged(cluster, clusterId, load.wanted, (text) => journal.note(text));
  journal.note(`as it was asked for after ${((journal.elapsedMs - calmMs) / 1000).toFixed(1)} s`);
  const kept = steadyContainers(clusterId);
  if (kept.join(" ") !== steady.join(" "))
    throw new Error(`healthy tasks were replaced: ${steady.join(" ")} became ${kept.join(" ")}`);
  await expectOwners(cluster, clusterId);
  const standing = standingProcesses(clusterId);
  if (standing.length > 0)
    throw new Error(`still stopped: ${standing.map((pid) => describeProcess(pid)).join("; ")}`);
}

/**
 * Runs all of these until the time is over and `isEnough`, one of them fails, or the run is ended; waits until each has
 * mended its own. One of them fails when it never becomes enough.
 */
async function untilOver(
  { forMs, signal }: ChaosOptions,
  isEnough: () => boolean,
  runs: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  signal?.throwIfAborted();
  const storming = new AbortController();
  const stop = (): void => storming.abort();
  signal?.addEventListener("abort", stop, { once: true });
  const running = runs.map((run) => run(storming.signal));
  const all = Promise.all(running);
  const over = (async () => {
    await rest(forMs, undefined, { signal: storming.signal }).catch(() => undefined);
    while (!isEnough() && !storming.signal.aborted) await rest(lookAgainMs);
  })();
  try {
    await Promise.race([over, all]);
  } finally {
    stop();
    await Promise.allSettled(running);
    signal?.removeEventListener("abort", stop);
  }
  // Commands that were interrupted with us fail in words of their own.
  signal?.throwIfAborted();
  await all;
}

function steadyContainers(clusterId: string): readonly string[] {
  return liveContainers(clusterId)
    .filter(({ appId }) => appId === steadyApp.id)
    .map(({ containerId }) => containerId)
    .toSorted();
}

/** Every process in the cluster's control groups is one that `status` knows, or the supervisor of a live container. */
async function expectOwners(cluster: TestCluster, clusterId: string): Promise<void> {
  await eventually("every process to have an owner", 30_000, async () => {
    const known = new Set(
      (await cluster.status()).machines.flatMap(({ processes }) => processes.map(({ pid }) => pid)),
    );
    const containers = new Set(liveContainers(clusterId).map(({ containerId }) => containerId));
    const strangers = processesOutsideContainers(clusterId).filter(
      (pid) => !known.has(pid) && !supervises(pid, containers),
    );
    if (strangers.length > 0)
      throw new Error(
        `without an owner: ${strangers.map((pid) => describeProcess(pid)).join("; ")}`,
      );
    return true;
  });
}

function supervises(pid: number, containers: ReadonlySet<string>): boolean {
  const commandLine = describeProcess(pid);
  return [...containers].some((containerId) => commandLine.includes(containerId));
}

function describeProcess(pid: number): string {
  try {
    const line = readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").replaceAll("\0", " ");
    return `${String(pid)} ${line}`;
  } catch {
    return `${String(pid)} (ended)`;
  }
}
