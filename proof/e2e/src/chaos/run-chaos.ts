import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { createSeededRandom } from "@tutti/testkit";
import { eventually, TestCluster } from "../cluster.ts";
import { leftovers } from "../leftovers.ts";
import { AppLoad, steadyApp } from "./app-load.ts";
import { liveContainers, processesOutsideContainers } from "./containers.ts";
import { FaultMaker } from "./fault-maker.ts";
import { ChaosJournal } from "./journal.ts";
import { expectConverged } from "./verdict.ts";

/** What one run is made of. */
export interface ChaosOptions {
  /** Decides what happens in which order; real time decides the rest. */
  readonly seed: number;
  readonly forMs: number;
  readonly print: (line: string) => void;
}

/** What a run came to; `failure` says what is not as it must be. */
export interface ChaosOutcome {
  readonly journal: ChaosJournal;
  readonly failure?: string;
}

/**
 * A real cluster under a steady load of deployments, while its processes are killed and stopped, its machines cut off
 * and its tasks killed, all at random. At its end: every app has exactly its instances, the app that nobody touched
 * still has the instances it began with, every process has its owner, and `down` leaves nothing over.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const journal = new ChaosJournal(options.print);
  journal.note(`seed ${String(options.seed)}, ${String(Math.round(options.forMs / 1000))} s`);
  const cluster = await TestCluster.start(["--no-sample"]);
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
  const load = new AppLoad(cluster, random.fork("load"), journal);
  const faults = new FaultMaker(cluster, clusterId, random.fork("faults"), journal);
  await load.begin();
  const steady = await eventually("the steady app to run", 60_000, () => {
    const containers = steadyContainers(clusterId);
    return containers.length === steadyApp.instances ? containers : undefined;
  });
  const storming = new AbortController();
  const stop = (): void => storming.abort();
  const both = Promise.all([load.run(storming.signal), faults.run(storming.signal)]);
  try {
    await Promise.race([rest(options.forMs, undefined, { signal: storming.signal }), both]);
  } finally {
    stop();
    await both;
  }
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
