import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { createSeededRandom } from "@tutti/testkit";
import { eventually, TestCluster } from "../cluster.ts";
import { leftovers } from "../leftovers.ts";
import { AgentLosses } from "./agent-losses.ts";
import { AppLoad, steadyApp } from "./app-load.ts";
import { liveContainers, processesOutsideContainers } from "./containers.ts";
import { FaultMaker } from "./fault-maker.ts";
import { ChaosJournal } from "./journal.ts";
import { OpenFaults } from "./open-faults.ts";
import { expectConverged } from "./verdict.ts";

/** What one run is made of. */
export interface ChaosOptions {
  /** Decides what happens in which order; real time decides the rest. */
  readonly seed: number;
  readonly forMs: number;
  /** Also cuts off private agents for 100 to 150 s, one after another, so that they count as lost and come back. */
  readonly losesAgents?: boolean;
  readonly print: (line: string) => void;
}

/** What a run came to; `failure` says what is not as it must be. */
export interface ChaosOutcome {
  readonly journal: ChaosJournal;
  readonly failure?: string;
}

/**
 * A real cluster under a steady load of deployments, while its processes are killed and stopped, its machines cut off
 * and its tasks killed, all at random; where agents are lost too, their tasks are replaced as each app says. At its end: every app has exactly its instances, the app that nobody touched
 * still has the instances it began with, every process has its owner, and `down` leaves nothing over.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const journal = new ChaosJournal(options.print);
  const { losesAgents = false } = options;
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
    journal.note(
      `failed: ${failure}; the logs are in ${cluster.dir}/machines until the cluster ends`,
    );
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
  const { losesAgents = false } = options;
  const open = new OpenFaults(journal);
  const how = { clusterId, journal, open };
  const load = new AppLoad(cluster, { random: random.fork("load"), journal, losesAgents });
  const faults = new FaultMaker(cluster, { ...how, random: random.fork("faults") });
  const losses = new AgentLosses(cluster, { ...how, random: random.fork("losses") });
  await load.begin();
  const steady = await eventually("the steady app to run", 60_000, () => {
    const containers = steadyContainers(clusterId);
    return containers.length === steadyApp.instances ? containers : undefined;
  });
  const storming = new AbortController();
  const stop = (): void => storming.abort();
  const all = Promise.all([
    load.run(storming.signal),
    faults.run(storming.signal),
    ...(losesAgents ? [losses.run(storming.signal)] : []),
  ]);
  try {
    await Promise.race([rest(options.forMs, undefined, { signal: storming.signal }), all]);
  } finally {
    stop();
    await all;
  }
  if (losesAgents && journal.counted("agents lost") === 0)
    throw new Error("no agent was lost: the storm was too short");
  journal.note("no more faults: waiting until all is as it was asked for");
  const calmMs = journal.elapsedMs;
  await expectConverged(cluster, clusterId, load.wanted);
  journal.note(`as it was asked for after ${((journal.elapsedMs - calmMs) / 1000).toFixed(1)} s`);
  const kept = steadyContainers(clusterId);
  if (kept.join(" ") !== steady.join(" "))
    throw new Error(`healthy tasks were replaced: ${steady.join(" ")} became ${kept.join(" ")}`);
  await expectOwners(cluster, clusterId);
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
