import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import {
  isSampleDue,
  newCluster,
  placeAgain,
  readCluster,
  removeDir,
  removeRunDir,
  removeState,
  sampleDuePath,
  writeCluster,
} from "./cluster-state.ts";
import { endEverything, tidyMachine } from "./down.ts";
import { Failure } from "./failure.ts";
import { goneOf } from "./gone-machines.ts";
import { removeCgroups } from "./machine/cgroups.ts";
import { diskCause, refuseFullDisk } from "./disk.ts";
import {
  hasIpv6,
  hostCapacity,
  isRoot,
  memoryAvailableMb,
  nameServers,
  taskUser,
} from "./machine/host.ts";
import { lookAt, prepare, startKeeper, stopKeepers } from "./machine/keepers.ts";
import { lockDir, lockMachine, type HeldLock } from "./machine/lock.ts";
import { createNetwork, hasNetwork, removeNetwork } from "./machine/network.ts";
import { clusterPaths, type ClusterPaths } from "./machine/paths.ts";
import { waitUntilReady } from "./machine/ready.ts";
import { deploySample, sampleAddresses, sampleInstances } from "./machine/sample.ts";
import { makeClusterDir } from "./make-dir.ts";
import type { UpOptions } from "./options.ts";
import type { ClusterFile } from "./plan/cluster-file.ts";
import { planProcesses, type MachineProcess } from "./plan/machine-processes.ts";
import { runSteps, type Step } from "./plan/steps.ts";
import { Progress } from "./progress.ts";
import { setUpMachine } from "./setup.ts";

/** What `up` found or made. */
export interface UpOutcome {
  readonly cluster: ClusterFile;
  /** It ran already: nothing was done. */
  readonly ranAlready: boolean;
  /** Addresses of the sample app's instances. */
  readonly sample: readonly string[];
  /** Machines that do without their agent, because an operator has removed it for ever, by name. */
  readonly leftOut: readonly string[];
}

/** A cluster and what its machines are to run. */
interface Plan {
  readonly cluster: ClusterFile;
  readonly paths: ClusterPaths;
  readonly processes: readonly MachineProcess[];
  /** Whether there was one in the directory before: then its state is kept whatever happens. */
  readonly existed: boolean;
  /** Some of its processes ran before: what fails now takes back only what this start began. */
  readonly ranInPart: boolean;
  /** Those that did not run before. */
  readonly begun: readonly MachineProcess[];
}

/**
 * Starts the cluster of a directory, or a new one in it. Throws `StepFailed` or `Failure`; then everything
 * that was made is taken back: the state of a cluster that was there before stays, and what ran of it before goes on.
 */
export async function up(dir: string, options: UpOptions, signal: AbortSignal): Promise<UpOutcome> {
  const progress = new Progress();
  await setUpMachine((text) => progress.note(text));
  const dirCreated = !existsSync(dir) || isNew(dir);
  makeClusterDir(dir);
  const dirLock = await lockDir(dir, () =>
    progress.note("another tutti works here; waiting for it"),
  );
  try {
    const before = readCluster(dir);
    if (before !== undefined) refuseOtherOptions(before, options);
    if (before !== undefined && isWhole(planFor(dir, before, true)) && !isSampleDue(dir))
      return {
        cluster: before,
        ranAlready: true,
        sample: await sampleAddresses(before, signal),
        leftOut: goneOf(dir, before),
      };
    return await start(dir, options, { before, dirCreated, signal, progress });
  } catch (error) {
    if (dirCreated) removeDir(dir);
    throw error;
  } finally {
    await dirLock.release();
  }
}

/** Starts what does not run. Addresses are chosen and taken under the machine's lock. */
async function start(
  dir: string,
  options: UpOptions,
  how: {
    readonly before: ClusterFile | undefined;
    readonly dirCreated: boolean;
    readonly signal: AbortSignal;
    readonly progress: Progress;
  },
): Promise<UpOutcome> {
  const { before, dirCreated, signal, progress } = how;
  refuseFullDisk(dir);
  const lock = await lockMachine(() => progress.note("another cluster begins; waiting for it"));
  try {
    if (before !== undefined) await clearBrokenNetwork(dir, before);
    const cluster =
      before === undefined
        ? await newCluster(dir, options, { dirCreated })
        : await placeAgain(before);
    if (before !== undefined)
      progress.note(`${before.name} was here before: it is started again, with its state`);
    if (!isRoot()) tellWhatIsMissing(progress, options);
    tellShared(progress, dir, cluster);
    const plan = planFor(dir, cluster, before !== undefined);
    const sample: string[] = [];
    const isDue = before === undefined || isSampleDue(dir);
    const wanted = isDue && options.sample && sampleInstances(cluster) > 0;
    const steps = stepsOf(plan, lock, wanted ? sample : undefined);
    await runSteps(steps, signal, progress);
    await lock.release();
    if (before !== undefined && !wanted) sample.push(...(await sampleAddresses(cluster, signal)));
    else if (options.sample && !wanted)
      progress.note("without the sample app: it runs on private agents, and there are none");
    return { cluster, ranAlready: false, sample, leftOut: goneOf(dir, cluster) };
  } catch (error) {
    await lock.release();
    await tidyMachine();
    throw error;
  }
}

/** Takes back what Node made of a directory for a command that was refused. */
export function forgetNewDir(dir: string): void {
  if (existsSync(dir) && isNew(dir)) removeDir(dir);
}

/**
 * After a boot there is nothing to clear. But when only a part of the network was taken away, what still runs
 * in the rest can be reached by nobody: it is ended, and the addresses are free again.
 */
async function clearBrokenNetwork(dir: string, cluster: ClusterFile): Promise<void> {
  if (cluster.network !== "namespaces" || !isRoot() || hasNetwork(cluster)) return;
  await endEverything(cluster, clusterPaths(dir, cluster));
  await removeNetwork(cluster.id);
}

/** Whether the directory came into being with this very process: Node makes it for its compile cache. */
function isNew(dir: string): boolean {
  return statSync(dir).birthtimeMs >= performance.timeOrigin - 100;
}

function planFor(dir: string, cluster: ClusterFile, existed: boolean): Plan {
  const paths = clusterPaths(dir, cluster);
  const hostFacts = { taskUser: taskUser(), nameServers: nameServers(), hasIpv6: hasIpv6() };
  const processes = planProcesses(cluster, paths, hostFacts);
  const begun = processes.filter((process) => lookAt(paths, process).keeperPid === undefined);
  return { cluster, paths, processes, existed, ranInPart: begun.length < processes.length, begun };
}

/** Whether everything of the cluster runs: network, and each process with its keeper. */
function isWhole({ cluster, paths, processes }: Plan): boolean {
  if (cluster.network === "namespaces" && !hasNetwork(cluster)) return false;
  return processes.every((process) => {
    const { keeperPid, isGone } = lookAt(paths, process);
    return keeperPid !== undefined || isGone;
  });
}

/** The cluster of the directory stays what it is: an option that asks for something else is refused. */
function refuseOtherOptions(cluster: ClusterFile, options: UpOptions): void {
  const publicAgents = cluster.agents.filter((agent) => agent.public).length;
  const agents = cluster.agents.length - publicAgents;
  const differs = [
    ["--agents", options.agentCount !== agents],
    ["--public-agents", options.publicAgentCount !== publicAgents],
    ["--isolated", options.isolated !== cluster.isolated],
    ["--open", options.open !== cluster.open],
    ["--dns-forward", isOther(options.dnsForwardZones, cluster.dnsForwardZones)],
    ["--dns-search", isOther(options.dnsSearch, cluster.dnsSearch)],
  ].flatMap(([name, differ]) => (differ && options.given.has(String(name)) ? [name] : []));
  if (differs.length === 0) return;
  const is = [
    `${String(agents)} private and ${String(publicAgents)} public agents`,
    cluster.isolated ? "isolated" : "with the host's way out",
    cluster.open ? "open" : "with a secret",
  ];
  throw new Failure(
    `${differs.join(" and ")}: the cluster of this directory is another one (${is.join(", ")})`,
    { wayOut: "end it first with ./tutti down, or name another directory with --dir" },
  );
}

function isOther(asked: readonly string[], has: readonly string[] = []): boolean {
  return asked.join("\n") !== has.join("\n");
}

function tellWhatIsMissing(progress: Progress, options: UpOptions): void {
  progress.note("without root: the machines are processes on loopback addresses, not namespaces;");
  progress.note("tasks are plain processes of your own user, limits of cpu and memory do not hold");
  progress.note(
    "there are no virtual IPs, and DNS answers on port 10053 of each machine's address",
  );
  if (options.isolated)
    progress.note("--isolated does not hold: without root tasks have the way out that you have");
}

/** More is promised than there is: of cpus tasks get theirs while others do not want it, of memory nobody does. */
function tellShared(progress: Progress, dir: string, cluster: ClusterFile): void {
  const promised = cluster.agents.reduce(
    (sum, agent) => sum + amountOf(agent.resources, "cpus"),
    0,
  );
  const has = hostCapacity(dir).cpusMilli / 1000;
  if (promised > has)
    progress.note(
      `the agents offer ${String(Math.round(promised * 10) / 10)} cpus together, this machine has ${String(has)}: tasks share its time`,
    );
  const promisedMb = cluster.agents.reduce(
    (sum, { resources }) => sum + amountOf(resources, "mem"),
    0,
  );
  const freeMb = memoryAvailableMb();
  if (freeMb !== undefined && promisedMb * 0.9 > freeMb)
    progress.note(
      `the agents offer ${String(promisedMb)} MB of memory together, ${String(freeMb)} MB are free now (other programs, other clusters): tasks that take all of theirs can be killed by the kernel`,
    );
}

/** Of Mesos's `--resources` text, with or without a role. */
function amountOf(resources: string, name: "cpus" | "mem"): number {
  return Number(new RegExp(`(?:^|;)${name}(?:\\([^)]*\\))?:([\\d.]+)`).exec(resources)?.[1] ?? 0);
}

/** The steps of a start. `sample` takes the addresses of the sample app; undefined: no sample app. */
function stepsOf(plan: Plan, lock: HeldLock, sample: string[] | undefined): readonly Step[] {
  const { cluster, paths, processes } = plan;
  const namespaces = cluster.network === "namespaces";
  const state: Step = {
    name: `cluster ${cluster.name} in ${paths.dir}`,
    run: async () => {
      writeCluster(paths.dir, cluster);
      if (sample !== undefined) writeFileSync(sampleDuePath(paths.dir), "");
      for (const process of processes) prepare(paths, process);
      await Promise.resolve();
    },
    undo: async () => {
      if (plan.ranInPart) return;
      removeRunDir(paths);
      if (!plan.existed) removeState(paths, cluster);
      await Promise.resolve();
    },
  };
  const network: Step = {
    name: networkStepName(cluster),
    run: async () => {
      if (hasNetwork(cluster)) {
        await lock.release();
        return;
      }
      await removeNetwork(cluster.id);
      await createNetwork(cluster, paths.names.runDir);
      await lock.release();
    },
    undo: async () => {
      if (!plan.ranInPart) await removeNetwork(cluster.id);
    },
  };
  const start: Step = {
    name: `processes: ${String(processes.length)} on ${String(1 + cluster.agents.length)} machines`,
    run: async () => {
      for (const process of processes) await startKeeper(cluster, paths, process);
    },
    undo: async () => {
      if (plan.ranInPart) {
        await stopKeepers(paths, plan.begun);
        return;
      }
      await endEverything(cluster, paths);
      if (namespaces) await removeCgroups(paths.names.cgroup);
    },
  };
  const ready: Step = {
    name: "master, Marathon and agents answer",
    run: async (signal) => {
      await waitUntilReady(cluster, paths, processes, signal);
      // On loopback an address is taken when its process listens.
      await lock.release();
    },
  };
  const hello: Step = {
    name: "sample app",
    run: async (signal) => {
      sample?.push(...(await deploySample(cluster, signal)));
      rmSync(sampleDuePath(paths.dir), { force: true });
    },
  };
  const steps = [state, ...(namespaces ? [network] : []), start, ready, ...(sample ? [hello] : [])];
  return steps.map((step) => blamingDisk(step, paths.dir));
}

/** Looks at the disk as soon as a step fails: what is taken back then makes room again. */
function blamingDisk(step: Step, dir: string): Step {
  return {
    ...step,
    run: async (signal) => {
      try {
        await step.run(signal);
      } catch (error) {
        throw diskCause(dir, error);
      }
    },
  };
}

function networkStepName(cluster: ClusterFile): string {
  const way = cluster.isolated ? "no way out" : "the host's way out";
  return `network 10.213.${String(cluster.subnet)}.0/24, ${way}`;
}
