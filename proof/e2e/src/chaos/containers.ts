import { readdirSync, readFileSync } from "node:fs";

/** A container that has a process now. */
export interface LiveContainer {
  readonly machine: string;
  readonly containerId: string;
  readonly taskId: string;
  readonly appId: string;
  /** Its first process (the init) comes first. */
  readonly pids: readonly number[];
}

/** The containers of a cluster as the kernel knows them, by the control groups of all processes. */
export function liveContainers(clusterId: string): readonly LiveContainer[] {
  const found = new Map<string, LiveContainer & { readonly pids: number[] }>();
  const place = new RegExp(`/tutti-${clusterId}/([^/]+)/containers/([0-9a-f-]{36})`, "u");
  for (const pid of pidsNow()) {
    try {
      const match = place.exec(readFileSync(`/proc/${String(pid)}/cgroup`, "utf8"));
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

/** Processes in the cluster's control groups that are in no container. */
export function processesOutsideContainers(clusterId: string): readonly number[] {
  return pidsNow().filter((pid) => {
    try {
      const groups = readFileSync(`/proc/${String(pid)}/cgroup`, "utf8");
      return groups.includes(`/tutti-${clusterId}/`) && !groups.includes("/containers/");
    } catch {
      return false;
    }
  });
}

function pidsNow(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}
