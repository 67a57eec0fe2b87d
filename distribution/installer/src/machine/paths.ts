import { join } from "node:path";
import type { ClusterFile } from "../plan/cluster-file.ts";
import type { MachinePaths } from "../plan/machine-processes.ts";
import { clusterNames, type ClusterNames } from "../plan/names.ts";
import { containersCgroup } from "./cgroups.ts";

/** Where everything of one cluster is. */
export interface ClusterPaths extends MachinePaths {
  readonly dir: string;
  readonly file: string;
  readonly names: ClusterNames;
  readonly machinesDir: string;
  machineDir(machine: string): string;
  /** Pid files of the machine. */
  runDir(machine: string): string;
  logFile(machine: string, process: string): string;
  configFile(machine: string, process: string): string;
  /** Where the sandboxes really are; `workDir` is the path by which agents and tasks know them. */
  workDirOnDisk(machine: string): string;
}

/** Path of the cluster's own file. */
export function clusterFilePath(dir: string): string {
  return join(dir, "cluster.json");
}

/** The paths of a cluster in `dir`. */
export function clusterPaths(
  dir: string,
  cluster: Pick<ClusterFile, "id" | "network">,
): ClusterPaths {
  const root = cluster.network === "namespaces";
  const machinesDir = join(dir, "machines");
  const names = clusterNames(cluster.id, { root, stateDir: dir });
  const machineDir = (machine: string): string => join(machinesDir, machine);
  const runDir = (machine: string): string => join(names.runDir, machine);
  const workDirOnDisk = (machine: string): string => join(machineDir(machine), "work");
  return {
    dir,
    file: clusterFilePath(dir),
    names,
    machinesDir,
    machineDir,
    runDir,
    logFile: (machine, process) => join(machineDir(machine), "log", `${process}.log`),
    configFile: (machine, process) => join(machineDir(machine), `${process}.json`),
    stateDir: (machine, process) => join(machineDir(machine), process),
    workDirOnDisk,
    workDir: (machine) => (root ? join(runDir(machine), "work") : workDirOnDisk(machine)),
    resolvConf: (machine) => join(runDir(machine), "resolv.conf"),
    runtimeDir: (machine) => join(runDir(machine), "containers"),
    cgroupParent: (machine) => containersCgroup(names.cgroup, machine),
  };
}
