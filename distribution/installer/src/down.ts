import { existsSync } from "node:fs";
import {
  idsWithoutFile,
  otherRunDirs,
  refuseForeign,
  removeRunDir,
  removeState,
} from "./cluster-state.ts";
import { Failure } from "./failure.ts";
import { limits } from "./limits.ts";
import { hasCgroups, removeCgroups } from "./machine/cgroups.ts";
import { isRoot } from "./machine/host.ts";
import { stopKeepers } from "./machine/keepers.ts";
import { lockDir, lockMachine } from "./machine/lock.ts";
import { removeNetnsMount, removeNetwork, stopForwarding } from "./machine/network.ts";
import { clusterFilePath, clusterPaths, type ClusterPaths } from "./machine/paths.ts";
import { endProcesses, pidsMentioning, readText } from "./machine/processes.ts";
import { parseClusterFile, type ClusterFile } from "./plan/cluster-file.ts";
import type { ProcessName } from "@tutti/node";
import { Progress } from "./progress.ts";

/** Which cluster was ended; undefined when there was none in the directory. */
export interface DownOutcome {
  readonly ended: readonly string[];
}

/**
 * Ends everything of the directory's cluster, also of one that is half dead or whose file is gone, and nothing
 * of any other. With `keepState` another `up` continues it.
 */
export async function down(
  dir: string,
  options: { readonly keepState: boolean },
): Promise<DownOutcome> {
  const progress = new Progress();
  if (!existsSync(dir)) return { ended: [] };
  refuseForeign(dir);
  const dirLock = await lockDir(dir, () =>
    progress.note("another tutti works here; waiting for it"),
  );
  try {
    // A file that is damaged counts as lost: the run directory knows which cluster it was.
    const cluster = parseClusterFile(readText(clusterFilePath(dir)) ?? "");
    const known = cluster === undefined ? idsWithoutFile(dir) : [cluster.id];
    for (const id of known) {
      const file = cluster ?? remnant(id);
      await endCluster(file, clusterPaths(dir, file), options.keepState, progress);
    }
    if (known.length > 0) await tidyMachine();
    return { ended: known };
  } finally {
    await dirLock.release();
  }
}

/** Takes away what all clusters share, when the last one is gone. */
export async function tidyMachine(): Promise<void> {
  const lock = await lockMachine(() => undefined);
  try {
    if (otherRunDirs(undefined).length === 0) await removeNetnsMount();
  } finally {
    await lock.release();
  }
}

/** What is known of a cluster of which only its run directory is left. */
function remnant(
  id: string,
): Pick<ClusterFile, "id" | "network" | "masters" | "agents" | "dirCreated"> {
  const network = isRoot() ? "namespaces" : "loopback";
  return { id, network, masters: [], agents: [], dirCreated: false };
}

async function endCluster(
  cluster: Pick<ClusterFile, "id" | "network" | "masters" | "agents" | "dirCreated">,
  paths: ClusterPaths,
  keepState: boolean,
  progress: Progress,
): Promise<void> {
  const namespaces = cluster.network === "namespaces";
  if (namespaces && !isRoot())
    throw new Failure("this cluster was started by root", {
      wayOut: "run the command as root: sudo ./tutti down",
    });
  const steps: readonly (readonly [string, () => Promise<void> | void])[] = [
    ["processes and tasks", () => endEverything(cluster, paths)],
    ...(namespaces
      ? ([
          ["control groups", () => removeCgroups(paths.names.cgroup)],
          ["network", () => removeNetwork(cluster.id)],
        ] as const)
      : []),
    [
      keepState ? "what does not outlive a boot" : "state",
      () => {
        if (namespaces) stopForwarding(paths.names.runDir, otherRunDirs(cluster.id)[0]);
        removeRunDir(paths);
        if (!keepState) removeState(paths, cluster);
      },
    ],
  ];
  for (const [index, [name, run]] of steps.entries()) {
    progress.begin(`ends: ${name}`, index + 1, steps.length);
    await run();
    progress.end();
  }
}

/** Ends the processes of a cluster and then its tasks; with control groups nothing escapes. */
export async function endEverything(
  cluster: Pick<ClusterFile, "id" | "network" | "masters" | "agents">,
  paths: ClusterPaths,
): Promise<void> {
  await stopKeepers(paths, processNames(cluster));
  if (cluster.network === "namespaces" && hasCgroups(paths.names.cgroup))
    await removeCgroups(paths.names.cgroup);
  // What never joined a group, or was started where there are none.
  const left = pidsMentioning([paths.names.runDir, paths.machinesDir]);
  await endProcesses(left, limits.stopTimeoutMs);
}

function processNames(
  cluster: Pick<ClusterFile, "masters" | "agents">,
): readonly { readonly machine: string; readonly name: ProcessName }[] {
  return [
    ...cluster.masters.flatMap(({ name: machine }) => [
      { machine, name: "master" as const },
      { machine, name: "services" as const },
      { machine, name: "node" as const },
    ]),
    ...cluster.agents.flatMap(({ name: machine }) => [
      { machine, name: "agent" as const },
      { machine, name: "node" as const },
    ]),
  ];
}
