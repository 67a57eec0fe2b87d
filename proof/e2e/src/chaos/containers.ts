import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as rest } from "node:timers/promises";
import { signalled } from "./signals.ts";

/** A container that has a process now. */
export interface LiveContainer {
  readonly machine: string;
  readonly containerId: string;
  readonly taskId: string;
  readonly appId: string;
  /** Its first process (the init) comes first. */
  readonly pids: readonly number[];
}

/** How often a container's processes are looked at until all of them stand still, or none: they may fork meanwhile. */
const looksMax = 50;
const lookAgainMs = 20;

/** The containers of a cluster as the kernel knows them, by the control groups of all processes. */
export function liveContainers(clusterId: string): readonly LiveContainer[] {
  const found = new Map<string, LiveContainer & { readonly pids: number[] }>();
  const place = new RegExp(`/tutti-${clusterId}/([^/]+)/containers/([0-9a-f-]{36})`, "u");
  for (const pid of pidsNow()) {
    try {
      const match = place.exec(controlGroupsOf(pid));
      if (match === null) continue;
      const [, machine = "", containerId = ""] = match;
      const known = found.get(containerId);
      if (known !== undefined) {
        known.pids.push(pid);
        continue;
      }
      const environment = readFileSync(`/proc/${String(pid)}/environ`, "utf8").split("\0");
      const value = (name: string): string =>
        environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
      const taskId = value("MESOS_EXECUTOR_ID");
      found.set(containerId, {
        machine,
        containerId,
        taskId,
        appId: value("MARATHON_APP_ID"),
        pids: [pid],
      });
    } catch {
      // It ended while we looked.
    }
  }
  return [...found.values()];
}

/**
 * SIGSTOP to every process of a container, also to those that it makes meanwhile; tells whether all of them stand
 * still then, and there is one.
 */
export async function stopContainer(clusterId: string, containerId: string): Promise<boolean> {
  for (let look = 0; look < looksMax; look += 1) {
    const pids = pidsOf(clusterId, containerId);
    const moving = pids.filter((pid) => !standsStill(pid));
    if (moving.length === 0) return pids.length > 0;
    for (const pid of moving) signalled(pid, "SIGSTOP");
    await rest(lookAgainMs);
  }
  return false;
}

/** SIGCONT to every process of a container; throws when one of them stands still all the same. */
export async function continueContainer(clusterId: string, containerId: string): Promise<void> {
  for (let look = 0; look < looksMax; look += 1) {
    const standing = pidsOf(clusterId, containerId).filter((pid) => standsStill(pid));
    if (standing.length === 0) return;
    for (const pid of standing) signalled(pid, "SIGCONT");
    await rest(lookAgainMs);
  }
  throw new Error(`processes of the container ${containerId} cannot be continued`);
}

/** Processes of a cluster that were stopped and stand still. */
export function standingProcesses(clusterId: string): readonly number[] {
  return pidsIn(`/tutti-${clusterId}/`).filter((pid) => standsStill(pid));
}

/** Processes in the cluster's control groups that are in no container. */
export function processesOutsideContainers(clusterId: string): readonly number[] {
  return pidsIn(`/tutti-${clusterId}/`).filter((pid) => {
    try {
      return !controlGroupsOf(pid).includes("/containers/");
    } catch {
      return false;
    }
  });
}

function pidsOf(clusterId: string, containerId: string): readonly number[] {
  return pidsIn(`/tutti-${clusterId}/`, `/containers/${containerId}`);
}

/** Processes whose control groups have all of these in their paths. */
function pidsIn(...parts: readonly string[]): readonly number[] {
  return pidsNow().filter((pid) => {
    try {
      const groups = controlGroupsOf(pid);
      return parts.every((part) => groups.includes(part));
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}

function controlGroupsOf(pid: number): string {
  return readFileSync(`/proc/${String(pid)}/cgroup`, "utf8");
}

function standsStill(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    return stat.charAt(stat.lastIndexOf(")") + 2) === "T";
  } catch {
    return false;
  }
}

function pidsNow(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}
